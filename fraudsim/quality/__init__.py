"""Whether a data set of payments is worth its name: the audit, on ours and on anybody's table."""
