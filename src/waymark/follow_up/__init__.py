"""What became of recommendations, as a person may see it: one by one, and all together."""
