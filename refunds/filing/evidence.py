"""Adding and removing evidence. The bytes are checked before anything is kept."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.errors import EvidenceRefused
from refunds.filing.drafts import lock_draft
from refunds.filing.files import delete_files
from refunds.filing.inspect import Inspected, inspect
from refunds.models import Evidence, RefundRequest

MOST_FILES = 20
EXTENSIONS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True)
class Paper:
    """A file that was looked at and may be kept; nothing of it is stored yet."""

    name: str
    content: bytes
    inspected: Inspected

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def look_at(content: bytes, *, name: str) -> Paper:
    """Takes time for a large picture, so it comes before any lock. Raises
    EvidenceRefused."""
    name = PurePath(name).name[-200:]
    return Paper(name, content, inspect(content, name=name))


def add_evidence(
    request: RefundRequest,
    *,
    content: bytes,
    name: str,
    kind: str,
    by: User,
    at: datetime,
) -> Evidence:
    """Keeps one file with a draft. Raises EvidenceRefused; then nothing is kept."""
    paper = look_at(content, name=name)
    with transaction.atomic():
        locked = lock_draft(request.pk)
        if locked.evidence.count() >= MOST_FILES:
            raise EvidenceRefused(
                _("A request takes 20 files. Remove one, or join some in one PDF.")
            )
        return keep_paper(paper, request=locked, kind=kind, by=by, at=at)


def keep_paper(
    paper: Paper,
    *,
    request: RefundRequest,
    kind: str,
    by: User,
    at: datetime,
    frozen_at: datetime | None = None,
) -> Evidence:
    """Stores the file and its row, under the request's lock."""
    evidence = Evidence(
        request=request,
        kind=kind,
        name=paper.name,
        content_type=paper.inspected.content_type,
        size=len(paper.content),
        pages=paper.inspected.pages,
        sha256=paper.sha256,
        added_by=by,
        added_at=at,
        frozen_at=frozen_at,
    )
    # The stored name tells nothing and can't be guessed.
    extension = EXTENSIONS[paper.inspected.content_type]
    evidence.file.save(_stored_name(extension), ContentFile(paper.content), save=False)
    if paper.inspected.view:
        view = ContentFile(paper.inspected.view)
        evidence.view.save(_stored_name("jpg"), view, save=False)
    _insert(evidence)
    return evidence


def _stored_name(extension: str) -> str:
    return f"{secrets.token_hex(16)}.{extension}"


def _insert(evidence: Evidence) -> None:
    try:
        with transaction.atomic():
            evidence.save(force_insert=True)
    except IntegrityError:
        delete_files(evidence)
        raise EvidenceRefused(
            _("“%(name)s” is among the evidence already."), name=evidence.name
        ) from None
    except BaseException:
        delete_files(evidence)
        raise


def name_kinds(request: RefundRequest, kinds: Mapping[Evidence, str]) -> None:
    """What each file of a draft shows, as its sender says."""
    changed = [file for file, kind in kinds.items() if file.kind != kind]
    if not changed:
        return
    for file in changed:
        file.kind = kinds[file]
    with transaction.atomic():
        lock_draft(request.pk)
        Evidence.objects.bulk_update(changed, ["kind"])


def remove_evidence(evidence: Evidence, *, by: User) -> None:
    """Gone from the draft means gone from the disk."""
    with transaction.atomic():
        lock_draft(evidence.request_id, filed_by=by)
        evidence.delete()
        transaction.on_commit(lambda: delete_files(evidence))
