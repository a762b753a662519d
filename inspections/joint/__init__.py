"""联合检查: two visits to one unit joined on record, with one day, one notice and one arrival (通知二(二), Q13)."""
