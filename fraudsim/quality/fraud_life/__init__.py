"""Fraud life: is there as much fraud as there is, in runs, on few victims, and known late?"""
