"""One factory module per app."""
