"""Django's database backend for SQLite, with a queue for those who write."""
