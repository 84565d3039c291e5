"""Applications of researchers for restricted data: approved by two people, for a time."""
