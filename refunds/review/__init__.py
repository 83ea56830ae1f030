"""People decide: who takes a case, what they establish, offer, approve, answer."""
