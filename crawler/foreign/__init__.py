"""What other tools keep pages in, apart from WARC: made into WARC records, page by page.

`writing` makes the records. ARC files hold exchanges, as WARC files do; folders, MHTML and HTML
files hold pages without their HTTP heads, and become `resource` records that say what their date
rests on.
"""
