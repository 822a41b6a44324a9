"""Who the customers are on paper: names, addresses, numbers, all invented and safe to load.

None of it decides anything in a run: a person's identity is drawn from the keys of the customer
and the household alone, so it can tell nothing of fraud.
"""
