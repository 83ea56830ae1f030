"""What a door asks before its verb is called. `fit` brings in what the case decides:
its currency, who could take it, the tags there are."""

from typing import Any, NamedTuple

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.forms import MinorUnitsField
from accounts.minor_units import to_decimal
from accounts.models import User
from refunds.models import Finding, Offer, ReasonTag, RefundRequest
from refunds.review.offer import Bounds
from refunds.review.queue import could_take

REASONS = [
    ("", "—"),
    ("out_of_time", _("The time to ask has ended")),
    ("below_threshold", _("Below what the contract refunds")),
    ("already_used", _("Used already")),
    ("service_normal", _("The service works as agreed")),
    ("customer_fault", _("Caused by the customer")),
    ("third_party_fault", _("Caused by a third party")),
    ("not_proven", _("Not proven yet")),
    ("nothing_left", _("Everything has gone back already")),
    ("incomplete", _("The request is incomplete")),
    ("duplicate", _("It was asked for already")),
    ("not_ours", _("Not a service of ours")),
]


def _area(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=required,
        max_length=5000,
    )


class PersonField(forms.ModelChoiceField):
    """Somebody of the staff, by their email: so it is typed at the command line too."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.none(), to_field_name="email", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return str(obj)


class Lists(NamedTuple):
    """What there is to choose from; each asks when it is read."""

    people: QuerySet[User]
    tags: QuerySet[ReasonTag]


def lists_for(request: RefundRequest) -> Lists:
    return Lists(could_take(request), ReasonTag.objects.order_by("code"))


class DoorForm(forms.Form):
    """A door that asks nothing needs no more than this."""

    # The field that a canned reply fills.
    canned = ""

    def fit(self, request: RefundRequest, lists: Lists | None = None) -> None:
        """To the case at hand, before it is shown or read."""

    def fill(self, request: RefundRequest, limits: Bounds | None, lists: Lists) -> None:
        """What we know better than an empty field, before it is shown."""


class ApproveForm(DoorForm):
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def fill(self, request: RefundRequest, limits: Bounds | None, lists: Lists) -> None:
        if offer := request.latest_offer():
            self.initial["seen"] = offer.pk


class ReasonForm(DoorForm):
    reason = _area(_("Note for the next colleague"), required=False)


class WhyForm(DoorForm):
    reason = _area(_("What has to change"))


class WordsForm(DoorForm):
    canned = "words"
    words = _area(_("To the customer"))


class NoteForm(DoorForm):
    words = _area(_("What you write"))


class MessageForm(NoteForm):
    canned = "words"


class FulfilForm(DoorForm):
    words = _area(
        _("What was carried out"), help_text=_("The customer reads it with the end.")
    )


class HandOverForm(DoorForm):
    to = PersonField(label=_("To whom"), empty_label="—")
    reason = _area(_("Note for the next colleague"), required=False)

    def fit(self, request: RefundRequest, lists: Lists | None = None) -> None:
        field = self.fields["to"]
        assert isinstance(field, PersonField)
        field.queryset = (lists or lists_for(request)).people

    def fill(self, request: RefundRequest, limits: Bounds | None, lists: Lists) -> None:
        """Shown as they were found, where Django would ask for them once more."""
        field = self.fields["to"]
        assert isinstance(field, PersonField)
        people = [(person.email, str(person)) for person in lists.people]
        field.choices = [("", "—"), *people]


class RejectForm(DoorForm):
    canned = "words"
    code = forms.ChoiceField(label=_("Why"), choices=REASONS)
    words = _area(_("To the customer"))


class OfferForm(DoorForm):
    amount = MinorUnitsField(label=_("Amount"), max_length=40, zero=True)
    reason = _area(
        _("Reason, needed for any other amount and for an alternative"), required=False
    )
    alternative = forms.ChoiceField(
        label=_("Alternative"),
        help_text=_("Beside the money; alone where the amount is 0 and none is owed."),
        choices=[("", _("No alternative")), *Offer.Alternative.choices],
        required=False,
    )
    alternative_words = forms.CharField(
        label=_("What exactly, and until when"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        max_length=2000,
    )
    instead = forms.BooleanField(
        label=_("The customer may choose it instead of the money"), required=False
    )

    def fit(self, request: RefundRequest, lists: Lists | None = None) -> None:
        field = self.fields["amount"]
        assert isinstance(field, MinorUnitsField)
        field.currency = request.currency

    def fill(self, request: RefundRequest, limits: Bounds | None, lists: Lists) -> None:
        if limits is not None and limits.due:
            sum_ = to_decimal(limits.due, currency=request.currency)
            self.initial["amount"] = sum_


class FindingForm(DoorForm):
    kind = forms.ChoiceField(label=_("What is a fact"), choices=Finding.Kind.choices)
    item = forms.CharField(
        label=_("Item, where one was not delivered"), required=False, max_length=120
    )
    words = _area(_("What it rests on"))


class TagsForm(DoorForm):
    tags = forms.MultipleChoiceField(
        label=_("Why customers ask, for what we learn from it"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def fit(self, request: RefundRequest, lists: Lists | None = None) -> None:
        """A retired tag is offered only where it stands already."""
        self.standing = {tag.code for tag in request.reason_tags.all()}
        field = self.fields["tags"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [
            (tag.code, tag.label())
            for tag in (lists or lists_for(request)).tags
            if not tag.retired or tag.code in self.standing
        ]

    def fill(self, request: RefundRequest, limits: Bounds | None, lists: Lists) -> None:
        self.initial["tags"] = sorted(self.standing)
