"""Reads about people's safety, each of a group's own rows only."""
