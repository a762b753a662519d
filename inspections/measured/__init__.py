"""What the team measures on site: experiments (F01) and the environment (C01), judged and kept with the sheet."""
