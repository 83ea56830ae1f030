"""RefundRequest: what a customer asks back, and where that stands."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.absences import is_above, leads
from accounts.access import membership_of
from accounts.models import Contract, Customer, Membership, Role, Service, User
from refunds.lifecycle import Lifecycle
from refunds.models.threshold import Threshold
from refunds.states import ONE_AT_A_TIME, OPEN, State, role_in_hand

if TYPE_CHECKING:
    from refunds.models.account import PayoutAccount
    from refunds.models.offer import Offer

Found = TypeVar("Found")


class Ground(models.TextChoices):
    """What the customer claims."""

    CHANGE_OF_MIND = "change_of_mind", _("I no longer want it")
    UNAVAILABLE = "unavailable", _("It could not be used after it was set up")
    OUTAGE = "outage", _("It was down")
    QUALITY = "quality", _("The quality was below what was promised")
    NOT_DELIVERED = "not_delivered", _("Something promised was not delivered")
    CONTENT_MISMATCH = "content_mismatch", _("It is not what was described")
    CONTENT_DEFECT = "content_defect", _("The content is defective")
    MISTAKE = "mistake", _("It was bought by mistake")
    SHORTFALL = "shortfall", _("Less came than was ordered")
    ACCOUNT_RISK = "account_risk", _("An account was restricted or at risk")


class ReasonTag(models.Model):
    """Why customers ask, for what decided requests teach us. Retired, never deleted."""

    code = models.SlugField(_("code"), unique=True)
    name_en = models.CharField(_("English name"), max_length=80)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    retired = models.BooleanField(_("retired"), default=False)

    class Meta:
        verbose_name = _("reason tag")
        verbose_name_plural = _("reason tags")

    def __str__(self) -> str:
        return self.code

    def label(self) -> str:
        """Its name in the reader's language."""
        chinese = (get_language() or "").startswith("zh")
        return self.name_zh if chinese else self.name_en


class NumberSeries(models.Model):
    """The last number given out in a year; taken under its row lock."""

    year = models.PositiveIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"RF-{self.year}"


class RefundRequest(Lifecycle):
    """Money in minor units of `currency`. Events count from submission on."""

    class Channel(models.TextChoices):
        FORM = "form", pgettext_lazy("channel", "Form")
        EMAIL = "email", pgettext_lazy("channel", "Email")
        PHONE = "phone", pgettext_lazy("channel", "Phone")

    # Empty, not "", while a draft: several drafts have none, and numbers are unique.
    number = models.CharField(  # noqa: DJ001
        _("number"), max_length=20, unique=True, null=True, editable=False
    )
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.PROTECT,
        related_name="refund_requests",
    )
    contract = models.ForeignKey(
        Contract,
        verbose_name=_("contract"),
        on_delete=models.PROTECT,
        related_name="refund_requests",
    )
    service = models.ForeignKey(
        Service,
        verbose_name=_("service"),
        on_delete=models.PROTECT,
        related_name="refund_requests",
    )
    ground = models.CharField(
        _("ground"), max_length=20, choices=Ground.choices, blank=True
    )
    reason_tags = models.ManyToManyField(
        ReasonTag, verbose_name=_("reason tags"), blank=True
    )
    amount_asked = models.BigIntegerField(_("amount asked for"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    keep_service = models.BooleanField(_("keep the service"), default=False)
    description = models.TextField(_("what happened"), blank=True)
    channel = models.CharField(
        _("channel"), max_length=10, choices=Channel.choices, default=Channel.FORM
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    saved_at = models.DateTimeField(_("saved at"), auto_now=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, editable=False)
    agreed_at = models.DateTimeField(_("agreed at"), null=True, editable=False)
    # When what is owed next is due: its earliest running deadline, or nothing. The
    # queue stands in this order; `clock` keeps it with the deadlines.
    due_at = models.DateTimeField(_("due at"), null=True, editable=False)
    # The policy may decide it alone; taken back where a person has to look.
    decides_itself = models.BooleanField(default=False, editable=False)
    rejection_code = models.CharField(max_length=30, blank=True, editable=False)
    rejection_words = models.TextField(blank=True, editable=False)
    # Where the event chain stands: its length and the hash of its last link.
    event_count = models.PositiveIntegerField(default=0, editable=False)
    event_head = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("refund request")
        verbose_name_plural = _("refund requests")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="request_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT)
                | Q(
                    number__isnull=False,
                    submitted_at__isnull=False,
                    amount_asked__gt=0,
                    event_count__gt=0,
                ),
                name="request_complete_once_submitted",
            ),
            models.UniqueConstraint(
                fields=["service", "ground"],
                condition=Q(state__in=ONE_AT_A_TIME),
                name="request_one_open_per_service_and_ground",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "submitted_at"], name="request_by_state"),
            models.Index(
                fields=["submitted_at"],
                condition=Q(state=State.SUBMITTED, decides_itself=True),
                name="request_decides_itself",
            ),
            models.Index(fields=["customer", "agreed_at"], name="request_by_agreement"),
            models.Index(
                fields=["due_at", "id"],
                condition=Q(due_at__isnull=False),
                name="request_by_due",
            ),
            models.Index(
                fields=["state", "due_at", "id"],
                condition=Q(due_at__isnull=False),
                name="request_by_state_and_due",
            ),
            models.Index(
                fields=["handler", "due_at", "id"],
                condition=Q(due_at__isnull=False),
                name="request_by_handler_and_due",
            ),
            models.Index(
                fields=["-id"],
                condition=Q(due_at__isnull=True) & ~Q(state=State.DRAFT),
                name="request_with_nothing_due",
            ),
        ]

    def __str__(self) -> str:
        return self.number or str(_("Draft"))

    # Answers to what the lifecycle's guards ask

    def is_owner(self, user: User) -> bool:
        return self._membership(user) == Membership.Role.OWNER

    def is_member(self, user: User) -> bool:
        return self._membership(user) is not None

    def _membership(self, user: User) -> str | None:
        return self._once(
            ("membership", user.pk), lambda: membership_of(user, self.customer_id)
        )

    def _once(self, question: tuple[Any, ...], answer: Callable[[], Found]) -> Found:
        """Asked once per instance: the guards of one move ask it several times. A move
        is judged on an instance of its own, so never on what a page has heard."""
        known: dict[Any, Found] = self.__dict__.setdefault("_known", {})
        if question not in known:
            known[question] = answer()
        return known[question]

    def may_file(self, user: User) -> bool:
        """A member, or on their behalf whoever is their account manager now."""
        manages = self.customer.account_manager_id == user.pk
        return self.is_member(user) or (manages and user.has_role(Role.ACCOUNT_MANAGER))

    def is_led_by(self, user: User) -> bool:
        """Whether they lead the role whose case it is, or stand in for who does."""
        role = role_in_hand(self.state, came_from=self.came_from)
        return self._once(
            ("leads", user.pk, role, self.moment),
            lambda: leads(user, role, at=self.moment),
        )

    def is_below(self, user: User) -> bool:
        """Whether they are the superior of who has it in hand, or stand in for them."""
        handler = self.handler
        return handler is not None and self._once(
            ("above", user.pk, handler.pk, self.moment),
            lambda: is_above(user, handler, at=self.moment),
        )

    def is_left_behind_for(self, user: User) -> bool:
        """Whether who had it in hand left us, and this person has the role."""
        if self.handler is None or (self.handler.is_active and self.handler.is_staff):
            return False
        return user.has_role(role_in_hand(self.state, came_from=self.came_from))

    def was_proposed_by(self, user: User) -> bool:
        offer = self.latest_offer()
        return offer is not None and offer.proposed_by_id == user.pk

    def had_a_part_before_appeal(self, user: User) -> bool:
        """Any event of theirs before the appeal, if only a look at the evidence."""
        appeals = self.events.filter(kind="appeal").order_by("-position")
        before = self.events.filter(position__lt=appeals.values("position")[:1])
        return self._once(
            ("part", user.pk, self.event_count),
            lambda: before.filter(actor=user).exists(),
        )

    def needs_second_person(self) -> bool:
        offer = self.latest_offer()
        return offer is None or offer.needs_second_person()

    def releases_itself(self) -> bool:
        return Threshold.for_currency(self.currency).releases(self.agreed_amount or 0)

    def invoices_are_dealt_with(self) -> bool:
        """The gate: what was reversed for this request covers what it gives back, as
        far as there are invoices to cover it."""
        return self.to_be_reversed() == 0

    def to_be_reversed(self) -> int:
        """How much of the contract's invoices has to be reversed still, for this
        request, before its money may go; minor units."""
        left = sum(row.amount - row.reversed for row in self.contract.invoices.all())
        reversals = self.invoice_reversals.all()
        done = sum(row.amount for row in reversals if row.state == "done")
        return max(0, min((self.agreed_amount or 0) - done, left))

    def payout_is_settled(self) -> bool:
        return hasattr(self, "payout") and self.payout.is_settled()

    def waits_for_account(self) -> bool:
        """Whether the customer has to name another account: where the money came from
        is closed, and none is named, or it came back from the one that was."""
        if self.state != State.PAYOUT_BLOCKED:
            return False
        payout = getattr(self, "payout", None)
        legs = payout.last_attempts() if payout else []
        closed = [leg for leg in legs if leg.needs_account]
        if not closed:
            return False
        standing = self.open_account()
        return standing is None or any(leg.account_id == standing.pk for leg in closed)

    def open_account(self) -> "PayoutAccount | None":
        """The one that was named and not refused; there is never a second."""
        return self.payout_accounts.exclude(state="refused").first()

    def open_twin(self) -> str | None:
        """The number of another open request for the same service and ground."""
        twins = RefundRequest.objects.filter(
            service=self.service_id, ground=self.ground, state__in=OPEN
        )
        return twins.exclude(pk=self.pk).values_list("number", flat=True).first()

    def latest_offer(self) -> "Offer | None":
        return max(self.offers.all(), key=lambda offer: offer.pk, default=None)
