"""Pages that are images: which they are, and the words recognised in them."""
