"""Waymark: an evidence service for learning from case reviews."""

__version__ = "0.1.0"
