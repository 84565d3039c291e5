"""Pages of queries over codings: quotations, codes by codes, codes by reviews."""
