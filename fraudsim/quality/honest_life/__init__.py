"""Honest life: do people buy, pay and move as people do? Each measure as the real one was made."""
