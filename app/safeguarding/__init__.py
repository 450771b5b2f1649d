"""Keeping people safe: alarms about shifts, what falls due, inductions, who needs a decision."""
