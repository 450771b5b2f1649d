"""A shift's, a day's or a group's people, written to at once; and the rota on paper."""
