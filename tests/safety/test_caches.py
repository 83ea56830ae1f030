"""What is somebody's own stays in no cache that others share (config/headers.py)."""

from pathlib import Path

import pytest
from django.test import Client

from tests.refunds.pages.visits import visitor
from tests.safety.world import World

OWN = "private, no-cache"


@pytest.mark.parametrize("page", ["/policy/", "/services/", "/requests/", "/members/"])
def test_whoever_is_signed_in_reads_a_page_of_their_own(
    world: World, page: str
) -> None:
    answer = visitor(world.people.owner).get(page, follow=True)
    assert answer.headers["Cache-Control"] == OWN


def test_a_public_page_may_be_kept(world: World) -> None:
    assert "Cache-Control" not in Client().get("/policy/").headers


def test_a_page_that_says_more_keeps_its_word(world: World) -> None:
    answer = visitor(world.people.owner).get(f"/evidence/{_file(world)}/")
    b"".join(answer)
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_static_file_is_everybodys(world: World, tmp_path: Path) -> None:
    (tmp_path / "site.css").write_text("body {}")
    client = visitor(world.people.owner)
    answer = client.get("/static/site.css")
    assert b"".join(answer) == b"body {}"
    assert "private" not in answer.headers["Cache-Control"]


def _file(world: World) -> int:
    return int(world.offered.evidence.get().pk)
