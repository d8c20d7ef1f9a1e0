"""The site as a folder of files that needs no server: it opens from a USB stick.

`freezing` draws the pages that can be reached from the home page, `places` says where each lies,
`index` writes the files that the search in the browser reads, `command` is `luutru export site`.
"""
