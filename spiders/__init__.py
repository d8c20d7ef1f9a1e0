"""How to walk a portal: which pages there are and which links lead on. Spiders read no field."""
