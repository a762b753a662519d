"""Pages of inspections, by topic."""
