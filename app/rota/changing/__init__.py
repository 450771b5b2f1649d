"""A change to many shifts is shown first, applied as shown, and can be undone within the hour."""
