"""Writes of lists after the commit: hand-over, rows that come back, units that move."""
