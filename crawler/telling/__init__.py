"""Telling people: one message to one address, by mail, webhook or command.

`message` is what is told, `mail`, `webhook` and `program` deliver it, `sending` chooses among them
and tries again. Saved searches (`crawler.watching`) and alarms (`crawler.alarms`) both use it.
"""
