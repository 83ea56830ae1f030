"""`manage.py move`: any move of a request, through the same verb as its button.

    manage.py move RF-2026-000123 reject --by wang@makegood.example \\
        code=not_proven words="The log shows no outage."
"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from refunds.admin.door_forms import DoorForm
from refunds.admin.doors import DOORS
from refunds.errors import RefundError
from refunds.guards import THE_SYSTEM
from refunds.lifecycle import Lifecycle
from refunds.models import RefundRequest
from refunds.pages.requests import PLAIN, WITH_WORDS
from refunds.review.answers import Choice, accept
from refunds.states import State

Verb = Callable[..., Any]


class WordsForm(DoorForm):
    words = forms.CharField(max_length=5000)


class AcceptForm(DoorForm):
    seen = forms.IntegerField(required=False)
    choice = forms.ChoiceField(choices=[("", ""), *Choice.choices], required=False)


@dataclass(frozen=True)
class Move:
    """The verb and the form that reads its fields."""

    verb: Verb
    form: type[DoorForm]


MOVES: dict[str, Move] = {
    **{door.name: Move(door.verb, door.form) for door in DOORS},
    **{name: Move(verb, WordsForm) for name, verb in WITH_WORDS.items()},
    **{name: Move(verb, DoorForm) for name, verb in PLAIN.items()},
    "accept": Move(accept, AcceptForm),
}


def _by_themselves() -> set[str]:
    """The moves that only the system makes."""
    found = set()
    for name in set(dir(Lifecycle)) - set(MOVES):
        meta = getattr(getattr(Lifecycle, name), "_django_fsm", None)
        transitions = meta.transitions.values() if meta else ()
        if any(THE_SYSTEM in each.permission.guards for each in transitions):
            found.add(name)
    return found


def _listed() -> str:
    lines = []
    for name, move in MOVES.items():
        fields = move.form.base_fields.items()
        asked = [f"{key}=…" if f.required else f"[{key}=…]" for key, f in fields]
        lines.append("  " + " ".join([name, *asked]))
    return "moves and their fields:\n" + "\n".join(lines)


class Command(BaseCommand):
    help = "Moves a request through the same verb as its button in the pages."

    def create_parser(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["formatter_class"] = RawDescriptionHelpFormatter
        parser: Any = super().create_parser(*args, **kwargs)
        parser.epilog = _listed()
        # The fields may stand before --by and after it.
        parser.parse_args = parser.parse_intermixed_args
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", metavar="RF-YYYY-NNNNNN")
        parser.add_argument("move", help="see below")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="who moves it")
        parser.add_argument(
            "fields", nargs="*", metavar="KEY=VALUE", help="several values: a,b"
        )

    def handle(
        self,
        *args: Any,
        number: str,
        move: str,
        by: str,
        fields: list[str],
        **options: Any,
    ) -> None:
        found, person = _move(move), _person(by)
        request = _request(number)
        answers = _answers(found.form, request, fields)
        try:
            found.verb(request, by=person, at=timezone.now(), **answers)
        except RefundError as refusal:
            raise CommandError(str(refusal)) from None
        now = RefundRequest.objects.get(pk=request.pk)
        self.stdout.write(f"{now.number}: {move} by {person}; {State(now.state).value}")


def _move(name: str) -> Move:
    if name in _by_themselves():
        raise CommandError(f"{name} happens by itself; nobody makes it.")
    if name not in MOVES:
        raise CommandError(f"There is no move {name}. There are: {', '.join(MOVES)}.")
    return MOVES[name]


def _person(email: str) -> User:
    person = User.objects.filter(email=email.lower()).first()
    if person is None:
        raise CommandError(f"Nobody has the email {email}.")
    if not person.is_active:
        raise CommandError(f"{email} is not active any more.")
    return person


def _request(number: str) -> RefundRequest:
    rows = RefundRequest.objects.select_related("contract", "customer", "service")
    found = rows.filter(number=number).first()
    if found is None:
        raise CommandError(f"There is no request {number}.")
    return found


def _answers(
    kind: type[DoorForm], request: RefundRequest, fields: list[str]
) -> dict[str, Any]:
    data = QueryDict(mutable=True)
    for written in fields:
        key, equals, value = written.partition("=")
        if not equals or key not in kind.base_fields:
            known = ", ".join(kind.base_fields) or "none"
            raise CommandError(f"“{written}” is no field of this move: {known}.")
        if isinstance(kind.base_fields[key], forms.BooleanField):
            value = _yes_or_no(written, value)
        several = isinstance(kind.base_fields[key], forms.MultipleChoiceField)
        values = [each for each in value.split(",") if each] if several else [value]
        data.setlist(key, values)
    form = kind(data)
    form.fit(request)
    if not form.is_valid():
        wrong = {key: " ".join(map(str, e)) for key, e in form.errors.items()}
        raise CommandError("\n".join(f"{key}: {words}" for key, words in wrong.items()))
    return form.cleaned_data


def _yes_or_no(written: str, value: str) -> str:
    """A checkbox takes whatever is sent for a yes, also “no”."""
    said = {"yes": "true", "true": "true", "no": "false", "false": "false"}
    if value.lower() not in said:
        raise CommandError(f"“{written}”: write yes or no.")
    return said[value.lower()]
