"""投诉举报: from what somebody says, without an account, to the answer they get (通知三(一))."""
