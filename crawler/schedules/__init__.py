"""When to crawl what: the file `luutru.toml`, the two ways to run it, and what follows a run."""
