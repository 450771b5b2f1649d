"""Reads for the operations page, the alarms and the metrics."""
