"""The texts of a briefing: what it is about, its statements, their support, its document. Pure."""
