"""Records coming in from other catalogues and going out to them. No Django here."""
