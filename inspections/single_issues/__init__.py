"""疑难复杂情况一事一报、及时协商 (通知三(二)): one matter a report, an answer by a day, rulings found again."""
