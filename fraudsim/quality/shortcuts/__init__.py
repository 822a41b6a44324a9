"""Is fraud too easy to find, or does something that should mean nothing give it away?"""
