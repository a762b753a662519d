"""工作计划: how each district goes about the campaign (通知三(一)), submitted, filed, adjusted with reasons (通知三)."""
