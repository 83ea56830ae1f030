"""What a request is about, in the words of the list; until it is decided."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.errors import NotPermitted, RefundError
from refunds.guards import BY_APPEAL_JUDGE, BY_EVALUATOR, BY_FIRST_LINE, Permission
from refunds.models import ReasonTag, RefundRequest
from refunds.record.events import record
from refunds.states import State
from refunds.step import lock, moved_on

WHO_TAGS: dict[str, Permission] = {
    State.PRELIMINARY_REVIEW: BY_FIRST_LINE,
    State.EVALUATION: BY_EVALUATOR,
    State.APPEALED: BY_APPEAL_JUDGE,
}


class UnknownTag(RefundError):
    words = _("There is no reason tag “%(code)s”. Choose from the list.")


class RetiredTag(RefundError):
    words = _("The reason tag “%(tag)s” is retired. Choose another one from the list.")


def tag(
    request: RefundRequest, *, by: User, at: datetime, codes: Iterable[str]
) -> None:
    """These and no others; a retired one may stay, none is put on."""
    with transaction.atomic():
        locked = lock(request)
        locked.moment, locked.actor = at, by
        _check_person(locked, by)
        before = {tag.code for tag in locked.reason_tags.all()}
        chosen = _chosen(set(codes), before=before)
        after = sorted(tag.code for tag in chosen)
        if after == sorted(before):
            return
        locked.reason_tags.set(chosen)
        record(locked, "tagged", by=by, at=at, data={"tags": after})


def _check_person(request: RefundRequest, by: User) -> None:
    permission = WHO_TAGS.get(request.state)
    if permission is None:
        raise moved_on(request)
    if unmet := permission.unmet(request, by):
        raise NotPermitted(unmet.words)


def _chosen(codes: set[str], *, before: set[str]) -> list[ReasonTag]:
    """Locked, so that none of them retires at this moment."""
    rows = ReasonTag.objects.select_for_update().filter(code__in=codes)
    found = list(rows.order_by("code"))
    for code in sorted(codes - {tag.code for tag in found}):
        raise UnknownTag(field="tags", code=code)
    for tag in found:
        if tag.retired and tag.code not in before:
            raise RetiredTag(field="tags", tag=tag.label())
    return found
