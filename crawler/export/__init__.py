"""Packages that leave the archive: WACZ for replay, BagIt for preservation.

`selection` says which WARC files go along, `building` makes a package beside its place and renames
it, `digests` copies with digests; `cdxj` and `pages` make the parts of a WACZ, `premis` of a bag.
"""
