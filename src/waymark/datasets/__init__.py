"""Data for researchers: the agreed facts as tidy tables, limited to what a person may see."""
