"""Reads of the register that answer a question with plain data, by subject."""
