"""Files of a briefing that are its own: one page, the seven-minute form on A4 and as slides."""
