"""Screens of reporting: the table of any day, what offices hand in, what the city makes of it."""
