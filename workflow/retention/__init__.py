"""What is kept, how long, and what must be proved before raw reads may go; how they come back.

`read_digest` tells whether two sets of reads are the same, whatever their order; `proof` compares FASTQ and CRAM with it; `policy` says
by type of file what may go; `removal` lists and removes; `removal_log` writes down each removal; `gone_reads` lets later runs live with
it; `restoring` makes FASTQ of a CRAM; `peak_disk` tells how much disk a sample took at most.
"""
