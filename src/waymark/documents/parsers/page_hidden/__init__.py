"""Words on PDF pages that nobody sees."""
