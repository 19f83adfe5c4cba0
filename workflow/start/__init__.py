"""What the main process does before the first job."""
