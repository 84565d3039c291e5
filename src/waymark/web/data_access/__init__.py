"""Pages of the applications for restricted data."""
