"""Weekly alerts, from gathering to sending."""
