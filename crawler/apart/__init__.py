"""Reading apart: pages are walked and read in processes of their own, which can't harm the crawl.

`process` is such a process, `reader` has it started (`starting`), feeds it and replaces it when it
dies; `arrivals` has the pages of a live crawl read, `crawler.replaying.readers` those of a replay.
"""
