"""Who may take lists in, acknowledge them and decide about the rows that come back."""
