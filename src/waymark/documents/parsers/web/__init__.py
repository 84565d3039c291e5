"""Parts of the reader of web pages (html.py)."""
