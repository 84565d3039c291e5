"""Tables of the briefings."""
