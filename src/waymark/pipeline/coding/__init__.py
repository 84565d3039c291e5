"""The coding of reviews, from suggestions to the agreed layer, and new versions of frameworks."""
