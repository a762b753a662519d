"""Every state move of lists: imports, and hand-overs with the rows that come back."""
