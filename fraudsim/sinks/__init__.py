"""Where the tables of a run go, one file each."""
