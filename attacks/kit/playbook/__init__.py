"""Attack patterns written in YAML, for people who do not program.

A playbook is data. It is read, checked and played; nothing in it is imported or evaluated.
"""
