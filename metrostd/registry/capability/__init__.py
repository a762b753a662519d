"""What a test of a standard says: readings as people paste them, the formulas, the judgement.

Pure: no database, no clock. Sources: JJF 1033-2016 4.2.3 to 4.2.5, 4.6 and 附录C (formulas and
limits only), CNAS-GL002 and JJF 1117 for E_n.
"""

from .coverage import (
    Year,
    coverage,
    in_words,
    years_of,
)
from .entry import Entry, Given, Group, entry_from_lines, readings_in_words
from .formulas import (
    combined_uncertainty,
    difference,
    en_value,
    experimental_deviation,
    greatest_change,
    labs_limit,
    mean,
)
from .judging import History, Judgement, judge
from .numbers import figure, rounded
from .readings import read_number, read_readings

__all__ = (
    "Entry",
    "Given",
    "Group",
    "History",
    "Judgement",
    "Year",
    "combined_uncertainty",
    "coverage",
    "difference",
    "en_value",
    "entry_from_lines",
    "experimental_deviation",
    "figure",
    "greatest_change",
    "in_words",
    "judge",
    "labs_limit",
    "mean",
    "read_number",
    "read_readings",
    "readings_in_words",
    "rounded",
    "years_of",
)
