"""`make bench`: what our chain costs and finds beside the field's usual ones, on the same reads, cores and reference."""
