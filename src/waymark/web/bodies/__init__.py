"""Pages of the bodies: for everyone, and for staff who keep their records."""
