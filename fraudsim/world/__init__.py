"""What is there before anyone acts: places, the calendar, merchant categories and merchants.

Everything comes out as plain numpy arrays, as a pure function of the scenario and the seed.
"""
