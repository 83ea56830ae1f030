"""Being away: who stands in for whom, until when; and what handing everything over to
them would do."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.absences import is_above
from accounts.models import Absence, Role, User
from refunds.errors import NotPermitted, RefundError, Words
from refunds.models import RefundRequest
from refunds.review.handover import cases_of
from refunds.review.hands import GIVES_BACK
from refunds.states import State
from refunds.step import why_not


class NotTheirs(NotPermitted):
    words = _("Only they themselves or their superior can do this.")


def office_day(at: datetime) -> date:
    """An absence begins and ends with the office's days."""
    return timezone.localtime(at, timezone.get_default_timezone()).date()


def name_deputy(
    user: User,
    *,
    by: User,
    at: datetime,
    deputy: User,
    first_day: date,
    last_day: date,
) -> Absence:
    """From the first day through the last. One deputy at a time: a second absence over
    the same days is refused, also when two are named at the same moment."""
    _check_person(user, by=by, at=at)
    _check_deputy(user, deputy)
    _check_days(first_day, last_day, today=office_day(at))
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        standing = user.absences.filter(
            first_day__lte=last_day, last_day__gte=first_day
        ).first()
        if standing is not None:
            raise RefundError(
                _(
                    "There is an absence from %(first)s to %(last)s already. End it, "
                    "or choose other days."
                ),
                field="first_day",
                first=standing.first_day,
                last=standing.last_day,
            )
        return Absence.objects.create(
            user=user, deputy=deputy, first_day=first_day, last_day=last_day
        )


def end_absence(absence: Absence, *, by: User, at: datetime) -> Absence | None:
    """They are back today: it ends with yesterday. What has not lasted a day is taken
    away, as if it had never been named; then there is None."""
    _check_person(absence.user, by=by, at=at)
    yesterday = office_day(at) - timedelta(days=1)
    with transaction.atomic():
        locked = Absence.objects.select_for_update().filter(pk=absence.pk).first()
        if locked is None or locked.last_day <= yesterday:
            raise RefundError(_("This absence has ended already."))
        if locked.first_day > yesterday:
            locked.delete()
            return None
        locked.last_day = yesterday
        locked.save(update_fields=["last_day"])
        return locked


def roles_missing(deputy: User, *, of: User) -> list[str]:
    """What the deputy can't do in their place."""
    return [str(Role(name).label) for name in sorted(of.roles - deputy.roles)]


def away_meanwhile(absence: Absence) -> Absence | None:
    """Where the deputy is away in these days too."""
    return absence.deputy.absences.filter(
        first_day__lte=absence.last_day, last_day__gte=absence.first_day
    ).first()


def standing_absences(*, at: datetime) -> QuerySet[Absence]:
    """Current ones and those to come."""
    found = Absence.objects.filter(last_day__gte=office_day(at))
    return found.select_related("user", "deputy").order_by("first_day", "pk")


def _check_person(user: User, *, by: User, at: datetime) -> None:
    if by != user and not is_above(by, user, at=at):
        raise NotTheirs


def _check_deputy(user: User, deputy: User) -> None:
    if deputy == user:
        raise RefundError(_("Choose somebody else."), field="deputy")
    if not (deputy.is_active and deputy.is_staff):
        raise RefundError(
            _("They don't work here any more. Choose somebody else."), field="deputy"
        )


def _check_days(first_day: date, last_day: date, *, today: date) -> None:
    if first_day < today:
        raise RefundError(
            _("This day has passed. Begin today, or later."), field="first_day"
        )
    if last_day < first_day:
        raise RefundError(
            _("The last day comes before the first. Choose a later one."),
            field="last_day",
        )


@dataclass(frozen=True)
class Outlook:
    """What handing over would do with a case: `over`, `given_back`, or `kept`; `why` it
    can't be handed over."""

    case: RefundRequest
    what: str
    why: Words = ""


def outlook(whose: User, *, by: User, at: datetime, to: User) -> list[Outlook]:
    """Before `hand_over_all` is pressed; each case by the same rules."""
    if by != whose and not is_above(by, whose, at=at):
        raise NotTheirs
    cases = cases_of(whose)
    prefetch_related_objects(cases, "contract", "handler")
    return [_look_ahead(case, by=by, at=at, to=to) for case in cases]


def _look_ahead(case: RefundRequest, *, by: User, at: datetime, to: User) -> Outlook:
    case.next_handler = to
    why = why_not(case, "hand_over", by=by, at=at)
    if why is None:
        return Outlook(case, "over")
    back = GIVES_BACK.get(State(case.state))
    if back and why_not(case, back, by=by, at=at) is None:
        return Outlook(case, "given_back", why)
    return Outlook(case, "kept", why)
