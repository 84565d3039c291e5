"""Readers of what other catalogues give: bytes in, plain values and the place of each fault out."""
