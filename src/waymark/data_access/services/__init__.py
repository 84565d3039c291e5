"""Services of the applications for restricted data: asking, approving by two, ending, erasing."""
