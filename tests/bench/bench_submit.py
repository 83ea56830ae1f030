"""Sending a request with three photographs of 2 MB, through the real views, against a
bare view that hashes and stores the same bytes; both by the same client, through the
same middleware.

Ours also decodes each picture to its end, makes the copy that is shown, assesses the
request, numbers, freezes and records it.
"""

import hashlib
import time
from datetime import UTC, datetime
from io import BytesIO
from statistics import median
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from PIL import Image

from refunds.filing.drafts import draft_for, save_draft
from refunds.models import Ground, RefundRequest
from refunds.models.evidence import evidence_storage
from refunds.states import State
from tests.bench.doors import doors_open, signed_in
from tests.factories import live_service
from tests.people import People, make_people

TIMES, FILES, SIZE = 12, 3, 2 * 1024 * 1024
TO_REACH = 0.7
NOISE, SIDES = 40, (4000, 3000)


def bare(http: HttpRequest) -> HttpResponse:
    for number, file in enumerate(http.FILES.getlist("file")):
        content = file.read()
        name = f"bare/{hashlib.sha256(content).hexdigest()}-{number}"
        evidence_storage().save(name, ContentFile(content))
    return HttpResponse("kept")


urlpatterns = [path("bare/", bare)]


@doors_open()
def figures() -> list[dict[str, Any]]:
    people, at = make_people(), datetime.now(UTC)
    photographs = [_photograph(number) for number in range(FILES)]
    client = signed_in(people.owner)
    drafts = [_draft(people, at) for _each in range(TIMES + 1)]
    _sent(client, drafts.pop(), photographs)
    ours, theirs = [], []
    for draft in drafts:
        theirs.append(_kept(client, photographs))
        ours.append(_sent(client, draft, photographs))
    seconds, reference = median(ours), median(theirs)
    return [
        {
            "what": f"submit with {FILES} photographs of 2 MB",
            "ours_seconds": seconds,
            "reference": "a bare view that hashes and stores the same bytes",
            "reference_seconds": reference,
            "ratio": reference / seconds,
            "target": f">= {TO_REACH:g} x its throughput",
            "reached": reference / seconds >= TO_REACH,
        }
    ]


def _photograph(number: int) -> bytes:
    """About 2 MB of JPEG, as a telephone makes it; each is another picture."""
    grey = Image.effect_noise(SIDES, NOISE - number)
    picture = Image.merge(
        "RGB", (grey, grey.transpose(Image.Transpose.ROTATE_180), grey)
    )
    for quality in range(90, 20, -5):
        out = BytesIO()
        picture.save(out, "JPEG", quality=quality)
        if out.tell() <= SIZE:
            break
    return out.getvalue()


def _draft(people: People, at: datetime) -> RefundRequest:
    service = live_service(customer=people.customer, reviewer=people.evaluator, at=at)
    draft = draft_for(service, by=people.owner)
    draft.ground, draft.amount_asked = Ground.UNAVAILABLE, 1_000_00
    draft.description = "Nothing could be streamed for days."
    save_draft(draft)
    return draft


def _files(photographs: list[bytes]) -> dict[str, Any]:
    return {
        "kind": "fault_log",
        "file": [
            SimpleUploadedFile(f"photo {n}.jpg", content, "image/jpeg")
            for n, content in enumerate(photographs)
        ],
    }


def _kept(client: Client, photographs: list[bytes]) -> float:
    with override_settings(ROOT_URLCONF=__name__):
        form, began = _files(photographs), time.perf_counter()
        assert client.post("/bare/", form).status_code == 200
        return time.perf_counter() - began


def _sent(client: Client, draft: RefundRequest, photographs: list[bytes]) -> float:
    form, began = _files(photographs), time.perf_counter()
    answer: Any = client.post(f"/drafts/{draft.pk}/upload/", form)
    assert answer.status_code == 200, answer.content
    answer = client.post(f"/drafts/{draft.pk}/check/")
    spent = time.perf_counter() - began
    assert answer.status_code == 302, answer.status_code
    assert RefundRequest.objects.get(pk=draft.pk).state == State.SUBMITTED
    return spent
