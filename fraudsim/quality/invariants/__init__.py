"""Does the data hold together: keys, money, the order of events?"""
