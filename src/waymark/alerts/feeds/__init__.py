"""Feeds of other publishers: fetched with limits, and read as untrusted. No Django."""
