"""Queries about indicators: what a person may see, and values as they were on a day."""
