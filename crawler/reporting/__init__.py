"""The report on a run: what is new, changed, absent, refused, slow, suspicious. Every number in it
is counted from rows of the archive."""
