"""One module per command of `luutru`; each prints for people, or JSON with --json."""
