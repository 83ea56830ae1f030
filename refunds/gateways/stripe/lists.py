"""Stripe's lists, page by page as they come; ours is told by its metadata."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

PER_PAGE = 100
MOST_PAGES = 200
Row = dict[str, Any]


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    text: str
    http_status: int


def pages(ask: Callable[[Any], Any], params: Row) -> Iterator[Page]:
    """A call per page. Raises ValueError for what is no list, or never ends: half a
    list proves of nothing that it is not there."""
    asked = {"limit": PER_PAGE, **params}
    for _page in range(MOST_PAGES):
        response = getattr(ask({**asked}), "last_response", None)
        content: Any = getattr(response, "data", None)
        if response is None or not _is_list(content):
            raise ValueError("no list")
        rows = content["data"]
        yield Page(rows, str(response.body), int(response.code))
        if not content["has_more"]:
            return
        if not rows or not isinstance(rows[-1].get("id"), str):
            raise ValueError("more to come, and no telling from where")
        asked["starting_after"] = rows[-1]["id"]
    raise ValueError("a list without an end")


def _is_list(content: Any) -> bool:
    if not isinstance(content, dict) or type(content.get("has_more")) is not bool:
        return False
    rows = content.get("data")
    return isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
