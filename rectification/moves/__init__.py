"""Every state move of rectification: a file per subject with its table and a function per move."""
