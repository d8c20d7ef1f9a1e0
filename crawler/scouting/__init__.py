"""Looking at a portal that nobody has prepared: which CMS, what can be read, what is missing."""
