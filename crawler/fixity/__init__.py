"""Fixity: whether every record, every row and every link between the two is as it was written.

`records` reads WARC files and recomputes digests, `links` holds rows against records, `checking`
does both for a whole archive, `repair` puts a damaged file right from a copy.
"""
