"""Replay: kept pages go down the way of a page again, without the network.

`intake` brings files of other tools into the archive's folder, `records` reads WARC files,
`kept` lists their exchanges in the order of their dates, `answers` makes responses of them,
`run` is the run they belong to and `replay` runs the spider.
"""
