"""Fraud by customers themselves."""
