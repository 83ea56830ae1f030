"""A request, as the customer follows it: where it stands, what is owed, what to do."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.models import User
from refunds.clock.board import calendar_of
from refunds.clock.deadlines import due_after
from refunds.clock.words import owed_to_customer
from refunds.errors import RefundError
from refunds.filing.additions import why_not_add
from refunds.models import Assessment, RefundRequest
from refunds.pages.access import request_or_404
from refunds.pages.additions import (
    answer_page,
    evidence_of,
    measurements_of,
    question_of,
)
from refunds.pages.forms import AcceptForm, WordsForm
from refunds.pages.half_written import half_written, signed_in_first
from refunds.pages.history import history_for_customer
from refunds.pages.money import money_rows
from refunds.pages.money_waits import why_money_waits
from refunds.pages.payout import parts_of
from refunds.pages.payout_account import accounts_of
from refunds.pages.people import signed_in
from refunds.pages.steps import came_back_at, steps_of
from refunds.pages.verdict import explain_kept
from refunds.payouts.accounts import why_not_name
from refunds.review.answers import accept, propose_otherwise, withdraw
from refunds.review.appeal import appeal, bring_new_evidence, take_up_again
from refunds.review.complaint import complain, may_complain
from refunds.review.information import supply_information
from refunds.review.messages import write
from refunds.states import State
from refunds.step import why_not

Verb = Callable[..., None]
# What a customer may do with words of their own.
WITH_WORDS: dict[str, Verb] = {
    "supply_information": supply_information,
    "propose_otherwise": propose_otherwise,
    "appeal": appeal,
    "bring_new_evidence": bring_new_evidence,
}
PLAIN: dict[str, Verb] = {"withdraw": withdraw, "take_up_again": take_up_again}


@signed_in_first()
@require_safe
def request(http: HttpRequest, number: str) -> HttpResponse:
    user = signed_in(http)
    found = request_or_404(user, number)
    context = _context(found, user)
    if said := half_written(http):
        context["form"] = WordsForm(initial=said)
        messages.info(http, _("You are signed in again. What you had written is here."))
    return render(http, "pages/request.html", context)


def _context(found: RefundRequest, user: User) -> dict[str, Any]:
    now = timezone.now()
    allowed = {
        move: why_not(found, move, by=user, at=now) is None
        for move in ("accept", *WITH_WORDS, *PLAIN)
    }
    offer = found.latest_offer() if _offer_is_public(found) else None
    owed = owed_to_customer(found, at=now)
    waits = offer is not None and found.state == State.OFFERED
    return {
        "refund": found,
        "steps": steps_of(found, owed=owed),
        "owed": owed,
        **(_where_to(found, at=now) if waits else {}),
        "offer": offer,
        "verdict": _verdict(found, offer.assessment if offer else None),
        "thread": [
            {
                "author": message.author if message.from_customer else _("Makegood"),
                "role": "",
                "at": message.at,
                "text": message.words,
                "ours": not message.from_customer,
            }
            for message in found.messages.filter(internal=False).select_related(
                "author"
            )
        ],
        "evidence": evidence_of(found),
        "measurements": measurements_of(found),
        "may_add": why_not_add(found, by=user) is None,
        "money": money_rows(
            found.service.allocations.select_related("balance"),
            currency=found.currency,
        ),
        "parts": parts_of(found, at=now),
        "money_waits": why_money_waits(found),
        "accounts": accounts_of(found)[:1],
        "names_account": why_not_name(found, by=user) is None,
        "came_back_at": came_back_at(found),
        "question": question_of(found),
        "history": history_for_customer(found),
        "allowed": allowed,
        "may_complain": may_complain(found, by=user, at=now),
        "form": WordsForm(),
    }


@signed_in_first(back="request")
@require_POST
def complain_of_delay(http: HttpRequest, number: str) -> HttpResponse:
    """One button, words if there are any: the superior hears of it."""
    user = signed_in(http)
    found = request_or_404(user, number)
    words = http.POST.get("words", "")[:5000]
    try:
        complain(found, by=user, at=timezone.now(), words=words)
    except RefundError as refusal:
        messages.error(http, str(refusal))
    else:
        messages.success(http, _("Your complaint is with the team lead."))
    return redirect("request", number=number)


@signed_in_first(back="request")
@require_POST
def say(http: HttpRequest, number: str) -> HttpResponse:
    """A message to the staff, beside whatever else is going on."""
    user = signed_in(http)
    found = request_or_404(user, number)
    form = WordsForm(http.POST)
    if not form.is_valid():
        for error in form.errors["words"]:
            messages.error(http, str(error))
        return redirect("request", number=number)
    try:
        write(found, by=user, at=timezone.now(), words=form.cleaned_data["words"])
    except RefundError as refusal:
        messages.error(http, str(refusal))
    return redirect("request", number=number)


def _offer_is_public(found: RefundRequest) -> bool:
    """Not while it is only a proposal, nor once it was taken back."""
    return found.state in (
        State.OFFERED,
        State.AGREED,
        State.INVOICING,
        State.PAYING,
        State.PAYOUT_BLOCKED,
        State.FULFILLING,
        State.REFUNDED,
        State.FULFILLED,
    )


def _verdict(found: RefundRequest, offered_on: Assessment | None) -> Any:
    assessment = offered_on or found.assessments.order_by("pk").first()
    return explain_kept(assessment) if assessment else None


@signed_in_first()
@require_http_methods(["GET", "POST"])
def answer(http: HttpRequest, number: str, move: str) -> HttpResponse:
    """One move of the customer's, with words and files where it needs them."""
    user = signed_in(http)
    found = request_or_404(user, number)
    if move in WITH_WORDS:
        return answer_page(http, found, move, WITH_WORDS[move])
    if move not in PLAIN:
        raise Http404
    if http.method == "POST":
        try:
            PLAIN[move](found, by=user, at=timezone.now())
        except RefundError as error:
            messages.error(http, str(error))
        else:
            messages.success(http, _("Done. This is where your request stands now."))
        return redirect("request", number=number)
    if refusal := why_not(found, move, by=user, at=timezone.now()):
        messages.error(http, str(refusal))
        return redirect("request", number=number)
    context = {"refund": found, "move": move, "plain": True}
    return render(http, "pages/answer.html", context)


@signed_in_first()
@require_http_methods(["GET", "POST"])
def accept_offer(http: HttpRequest, number: str) -> HttpResponse:
    """One look at sum, account and date; then it is agreed."""
    user = signed_in(http)
    found = request_or_404(user, number)
    form = AcceptForm(http.POST or None, offer=found.latest_offer())
    if http.method == "POST" and form.is_valid():
        try:
            accept(found, by=user, at=timezone.now(), **form.cleaned_data)
        except RefundError as refusal:
            messages.error(http, str(refusal))
        return redirect("request", number=number)
    if words := why_not(found, "accept", by=user, at=timezone.now()):
        messages.error(http, str(words))
        return redirect("request", number=number)
    context = {"refund": found, "offer": found.latest_offer(), "form": form}
    return render(
        http,
        "pages/accept.html",
        context | _where_to(found, at=timezone.now()),
        status=422 if form.errors else 200,
    )


def _where_to(found: RefundRequest, *, at: datetime) -> dict[str, Any]:
    """Where the money would go, and by which day if it is accepted at this moment."""
    latest = found.assessments.latest("pk")
    payments = [
        allocation.payment
        for allocation in found.service.allocations.select_related("payment")
    ]
    days = latest.terms["payout_days"][1]
    back_by = due_after(calendar_of(found), at, days=days)
    return {"payments": payments, "back_by": back_by}
