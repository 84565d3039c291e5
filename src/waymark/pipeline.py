"""The stages in order, as plain calls: read this first."""
