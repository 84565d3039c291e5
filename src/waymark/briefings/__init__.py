"""Thematic briefings and guides: statements that cite passages, signed and published in editions.

Their texts, signatures and editions are manuscripts (publishing/services/manuscripts.py).
"""
