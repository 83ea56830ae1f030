"""A payment gateway on loopback that speaks the routes' wire formats.

It moves no real money. It shares no signing code with the adapters, so that one
misreading can't stand on both sides.
"""
