"""The pages: one module each, a function from a visit to what its template shows."""
