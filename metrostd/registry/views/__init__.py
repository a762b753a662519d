"""Screens of the register and of the lists that feed it."""
