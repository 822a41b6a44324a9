"""What who writes an attack pattern works with: begin one, check it, see it at work, show it."""
