"""The archive in a browser: a Datasette plugin, found by its entry point."""
