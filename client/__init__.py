"""The `khulasa` client: it speaks HTTP and nothing else."""
