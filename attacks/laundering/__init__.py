"""How money goes from account to account until nobody knows where it came from."""
