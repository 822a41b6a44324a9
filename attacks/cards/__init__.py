"""Fraud with payment cards and their details."""
