"""How the money of fraud is moved on."""
