"""Readers of files from other catalogues: bytes -> records, and faults with their places."""
