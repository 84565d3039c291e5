"""Overviews, tables and answers, from freezing to a published edition."""
