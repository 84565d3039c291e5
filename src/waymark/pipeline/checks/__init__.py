"""Checks of an installation: before it serves, and of all that it keeps."""
