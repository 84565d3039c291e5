"""Outgoing emails of every stage: the outbox, and the sender over SMTP.

A stage writes the texts of its own emails and puts them into the outbox (outbox.py); the worker
sends them. Bounces and other incoming mail would be read here, in a module of its own beside
smtp.py, and noted on the email that they answer.
"""
