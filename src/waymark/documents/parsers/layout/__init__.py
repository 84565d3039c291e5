"""From the words of PDF pages to lines, reading order and text."""
