"""The demo collection: 24 fictional reviews, built through the same services as real work."""
