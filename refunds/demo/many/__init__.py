"""As many requests as are asked for, with a past that could have been: for looking at
lists, searches and figures at full size.

Rows are written directly, because a million lives by the verbs would take days. They
are told by the same states, clocks, policy and hash chain; no mail is promised, and
no gateway knows of the payments.
"""
