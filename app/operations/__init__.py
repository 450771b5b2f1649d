"""Whether the service is well: what waits, what is stuck and why, alarms, safe buttons."""
