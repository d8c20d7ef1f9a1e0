"""What a hostile answer can't do: lead the crawl elsewhere, or cost it its memory or its time.

`scope` says where requests may go and `addresses` to which machines, `dialing` checks that at the
moment of connecting, `certificates` verifies TLS and writes down what was shown, `bounds` are the
reasons to leave an answer, `parsing` reads wrong HTTP, `decoding` unpacks bodies, `wholeness` tells
a whole document from a torn one, `markup` makes a page fit to be parsed.
"""
