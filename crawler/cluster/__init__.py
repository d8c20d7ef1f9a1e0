"""Crawls on several machines: dask.distributed gives out turns, one portal at a time per server.

Each portal has an archive of its own in a folder that all machines share; the frontier is that
archive, so whoever has the next turn goes on where the last one ended, however that was.
"""
