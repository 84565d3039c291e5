"""Pages of the indicators: statistics for visitors, and their import and texts for staff."""
