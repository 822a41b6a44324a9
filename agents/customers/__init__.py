"""Customers: blocks of columns that plan and settle their days."""
