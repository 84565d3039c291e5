"""Pages of the briefings."""
