"""What can be decided from values alone: which year, and what must not be told."""
