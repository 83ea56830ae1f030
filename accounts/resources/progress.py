"""How far an import is, kept beside the database.

The import's own transaction shows nothing until it ends, and on SQLite a second writer
would wait for it. So the share that is done stands in the cache, for as long as
somebody works on it. That keeps a second worker off as a courtesy; what makes an
import happen once is the row's state.
"""

from django.core.cache import cache

# Longer than any one batch takes; a killed worker's import is taken up after it.
STILL_AT_WORK_SECONDS = 60


def begin(pk: int) -> bool:
    """False where somebody else is at it."""
    return bool(cache.add(_key(pk), 0.0, STILL_AT_WORK_SECONDS))


def report(pk: int, share: float) -> None:
    cache.set(_key(pk), share, STILL_AT_WORK_SECONDS)


def end(pk: int) -> None:
    cache.delete(_key(pk))


def share_done(pk: int) -> float | None:
    """From 0 to 1; None while nobody works on it."""
    share: float | None = cache.get(_key(pk))
    return share


def _key(pk: int) -> str:
    return f"records-import-{pk}"
