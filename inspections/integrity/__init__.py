"""廉政: the rules before a visit, what it cost whom, and what the unit says of it afterwards (通知三(三))."""
