"""Fraud in which the victim makes the payment."""
