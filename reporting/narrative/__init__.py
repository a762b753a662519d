"""总结报告: five chapters of text with live figures, typical cases without names, one paper of both."""
