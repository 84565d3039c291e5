"""Letters of the service, and emails that come in."""
