"""Risk of units: indicators, levels, warnings with what was done about them, and whom to look at next year."""
