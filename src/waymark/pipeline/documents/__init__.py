"""Files come in: intake, reading, recognition of text, deposits, reading anew."""
