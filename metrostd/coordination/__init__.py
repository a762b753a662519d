"""审批与监管协同: where both powers are split, each side is told what the other does (通知三(一))."""
