"""References that people paste, compared with the works of the library. Pure."""
