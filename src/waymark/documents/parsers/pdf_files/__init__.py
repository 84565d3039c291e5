"""The file around the pages of a PDF: its checks, repair, and words outside the pages."""
