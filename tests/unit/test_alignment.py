import subprocess

from workflow.alignment import Lane, align_command, duplicate_options, read_group_line


def test_read_group_line_names_sample_and_lane():
    line = read_group_line("s1", "L2", "", "")
    assert line == r"@RG\tID:s1.L2\tSM:s1\tLB:s1\tPL:ILLUMINA\tPU:L2"


def test_align_command_of_one_lane_is_the_aligner_alone():
    command = align_command("bwa", [Lane(r"@RG\tID:a", "a b_1.fq", "a b_2.fq")], "ref.fa", "ref.dict", 4)
    assert command == r"bwa mem -K 100000000 -t 4 -Y -R '@RG\tID:a' ref.fa 'a b_1.fq' 'a b_2.fq'"


def test_align_command_of_two_lanes_writes_one_header_with_both_read_groups(tmp_path):
    fake = tmp_path / "minibwa"
    fake.write_text('#!/bin/sh\nfor last; do :; done\nprintf "@HD\\tVN:1.6\\n@PG\\tID:x\\nread-of-%s\\t4\\n" "$last"\n')
    fake.chmod(0o755)
    (tmp_path / "ref.dict").write_text("@HD\tVN:1.6\n@SQ\tSN:1\tLN:9\n")
    lanes = [Lane(r"@RG\tID:a\tSM:s", "a1", "a2"), Lane(r"@RG\tID:b\tSM:s", "b1", "b2")]
    command = align_command("minibwa", lanes, "ref.fa", str(tmp_path / "ref.dict"), 1)
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert done.stdout.splitlines() == [
        "@HD\tVN:1.6",
        "@SQ\tSN:1\tLN:9",
        "@RG\tID:a\tSM:s",
        "@RG\tID:b\tSM:s",
        "@PG\tID:x",
        "read-of-a2\t4",
        "read-of-b2\t4",
    ]


def test_align_command_of_two_libraries_names_the_library_of_each_record(tmp_path):
    fake = tmp_path / "bwa"
    fake.write_text('#!/bin/sh\nfor last; do :; done\nprintf "@PG\\tID:x\\n%s\\t4\\n" "$last"\n')
    fake.chmod(0o755)
    (tmp_path / "ref.dict").write_text("")
    lanes = [Lane(rf"@RG\tID:{name}\tLB:{library}", name, name) for name, library in (("a", "two/&"), ("b", "one"), ("c", "two/&"))]
    command = align_command("bwa", lanes, "ref.fa", str(tmp_path / "ref.dict"), 1)
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert done.stdout.splitlines()[3:] == ["@PG\tID:x", "a\t4\tlb:Z:2", "b\t4\tlb:Z:1", "c\t4\tlb:Z:2"]
    assert duplicate_options(lanes) == "--barcode-tag lb"
    assert duplicate_options(lanes[::2]) == ""
