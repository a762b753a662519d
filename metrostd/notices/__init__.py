"""通知: what a campaign begins with, and that people demonstrably received it (通知主送、抄送、主动公开)."""
