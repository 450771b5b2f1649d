"""What each home page reads, in a handful of statements whatever the county's size."""
