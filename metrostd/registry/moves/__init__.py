"""Every state move of the register: a file per subject with its table and a function per move."""
