"""Training: courses with their sessions, and the calendar of them that people follow."""
