"""Topics: what they are, how their passages are chosen and how their years are drawn. Pure."""
