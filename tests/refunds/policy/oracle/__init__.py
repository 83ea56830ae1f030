"""A second reading of the refund policy, written from the specification alone.

It shares no line with `refunds.policy`: plain functions on a case as JSON gives it.
Where both agree on many thousand cases, an error must have been made twice.
"""
