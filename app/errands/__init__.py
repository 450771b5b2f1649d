"""Work that takes longer than a page: begun, watched, left, and found again when it is done."""
