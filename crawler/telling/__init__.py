"""Telling people: one message to one target, by mail, webhook or command.

`message` is what is told, `target` whom; `mail`, `webhook` and `program` deliver it, `sending`
chooses among them and tries again; `ping` is the dead man's switch. Saved searches
(`crawler.watching`) and alarms (`crawler.alarms`) both use it.
"""
