"""现场笔录: questions and answers on site, signed by who answered and by two officers, kept as paper (行政处罚法第五十五条)."""
