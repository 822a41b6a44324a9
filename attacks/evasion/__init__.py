"""How any campaign hides better; one evasion per file, found by its name."""
