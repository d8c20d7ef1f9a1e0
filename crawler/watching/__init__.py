"""Saved searches: what they find newly is told once, by mail, webhook or command.

`message` says it, `mail`, `webhook` and `program` deliver it, `watching` goes through them all.
"""
