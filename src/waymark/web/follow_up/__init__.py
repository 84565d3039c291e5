"""Pages of recommendations: for everyone, for staff, and for the bodies that were asked."""
