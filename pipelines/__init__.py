"""How a page is read: one module per step, each a pure function over the decoded page."""
