"""Mail that arrives: where it comes from (a maildir, IMAP, LMTP), its bytes, and what it says.

Nothing here decides what happens to an email: waymark.pipeline.mail.inbound_mail hands each to its
stage, which notes the outcome.
"""
