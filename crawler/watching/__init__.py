"""Saved searches: what they find newly is told once, by mail, webhook or command.

`message` says it, `watching` goes through them all; `crawler.telling` delivers.
"""
