"""Networks and how they learn; every module imports torch, so it is imported where it is used."""
