"""Data for researchers: the agreed facts as tidy tables, as far as a person may see them."""
