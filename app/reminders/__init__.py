"""Reminders of shifts: when people wish, asking whether they come; counted and watched."""
