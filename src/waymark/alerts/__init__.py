"""Alerts by email and feed: what is gathered and chosen, who receives it and what was delivered."""
