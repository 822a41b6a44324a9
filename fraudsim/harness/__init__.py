"""The course that every detector runs: it owns time, and hands over only what is known by then.

``schedule`` says which rows are learnt from and which are judged, ``variants`` changes what is
known, ``play`` fits and scores, ``judge`` says what the scores are worth, ``honesty`` catches a
detector that knows more than it was told, and ``latency`` takes the time.
"""
