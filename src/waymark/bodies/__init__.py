"""Authority records of the bodies that commission reviews and are asked to act on them."""
