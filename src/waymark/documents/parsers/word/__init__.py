"""Parts of the reader of Word files (docx.py)."""
