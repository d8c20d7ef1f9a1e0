"""Alarms: what an archive's keeper must know, told once.

`kinds` says what is told of each kind, `states` and `places` find it in the archive and on the
disk, `judging` writes it down (`crawler.archive.alarms`), `message` words it, `telling` sends it.
"""
