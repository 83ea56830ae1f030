"""How many examples the properties try: a few hundred, always the same ones; 5 000
others each time that TORTURE is set."""

import os

from hypothesis import settings

TORTURE = bool(os.environ.get("TORTURE"))
few = settings(
    max_examples=5000 if TORTURE else 200,
    derandomize=not TORTURE,
    deadline=None,
    database=None,
)
