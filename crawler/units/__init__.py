"""Provinces, districts and communes before and after July 2025, and what became of each.

`units.tsv` and `changes.tsv` hold the facts, `sources.txt` says where they are from; `facts` reads
them, `lineage` follows a place through time, `naming` finds it by its name.
"""
