"""What is owed: facts, rules and a working calendar in, an assessment out.

Pure: no Django, no clock, no settings, no float. Read `assess.py` first.
"""
