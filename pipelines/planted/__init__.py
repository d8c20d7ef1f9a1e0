"""Links that an intruder planted: words, hosts, hiding and redirects, weighed together."""
