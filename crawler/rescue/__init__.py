"""Rescue: pages of a portal out of web archives, by the same way as pages of the portal itself.

`services` knows the web archives' addresses and limits, `cdx` reads their indexes, `playback` and
`ranges` tell a capture from what a web archive says for itself, `rests` keeps the manners, `queue`
hands out what the archive's tables say is due, and `run` keeps and saves.
"""
