"""Queries about briefings and guides: drafts, editions, what they rest on, and who used them."""
