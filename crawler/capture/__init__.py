"""Capture: every HTTP exchange as it went over the wire, in WARC 1.1 (ISO 28500:2017).

`wire` records the bytes of both sides, `message` takes a response apart, `warc` writes records,
`folder` knows where they lie, `recovery` mends files that a kill left open, `records` reads them
back.
"""
