"""Screens of rectification: lists, orders, findings, and what follows a failure."""
