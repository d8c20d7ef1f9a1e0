"""The archive: one SQLite file. This package holds the only SQL that writes to it.

`connection` opens the file, `schema` is its history, `frontier`, `runs` and `saving` write rows,
`reports` reads them back for people.
"""
