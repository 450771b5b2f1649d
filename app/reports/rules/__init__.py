"""What can be decided from values alone: pure, no flask, no sqlalchemy."""
