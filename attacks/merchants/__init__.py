"""Fraud through merchants: fronts, and houses that turn what was stolen into clean money."""
