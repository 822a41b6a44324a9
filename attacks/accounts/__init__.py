"""Fraud in online banking: somebody else in the account."""
