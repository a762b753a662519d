"""Screens of lists."""
