"""Input of campaigns and draws to clean values."""
