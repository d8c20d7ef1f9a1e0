"""How slowly the crawl goes, and what it leaves alone: robots.txt, pace, windows."""
