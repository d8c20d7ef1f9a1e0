"""Drift: whether a portal has changed under the crawler, judged from counts, days and names.

Pure judgements: no clock, no database, no network. `crawler.archive.drift` gathers the evidence at
the end of a run and keeps what is found here as rows of `problems`; they never change an article.
"""
