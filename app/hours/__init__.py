"""Attendance becomes hours: when people came and left, what counts, and what they can show."""
