"""How many examples the properties try: a few hundred, always the same ones."""

from hypothesis import settings

few = settings(max_examples=200, derandomize=True, deadline=None, database=None)
