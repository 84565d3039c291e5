"""A suggester trained on coded texts: its features, model, file and evaluation. Pure."""
