"""Pages of the enquiries."""
