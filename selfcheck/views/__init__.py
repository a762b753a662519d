"""Screens of the self-check: lists, one report, filling it in, its problems and files."""
