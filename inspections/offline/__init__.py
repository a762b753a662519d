"""What a device without a network brings back: taken once, in order, decided here (design §12)."""
