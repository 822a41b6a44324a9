"""Maps of the columns of well-known tables."""
