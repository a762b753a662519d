"""The cockpit (驾驶舱): where a campaign stands, on one page, from the same figures as Annex 3."""
