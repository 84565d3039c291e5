"""Words that every stage shares: errors, spans, text, tables. No Django here."""
