"""Queries on enquiries: for the desk, and for the asker with a private link."""
