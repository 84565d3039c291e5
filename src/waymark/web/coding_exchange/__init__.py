"""Pages that import and export codings and codebooks."""
