"""Copies of the archive in second places: a folder, or storage that fsspec reaches.

`items` says what belongs into a copy, `places` reads and writes where it lies, `manifest` lists it,
`copying` brings it up to date and checks it. A copy is an archive like any other: `luutru verify
--db COPY/archive.db` and `--repair-from COPY/archive.db` work, and so does `sha256sum -c`.
"""
