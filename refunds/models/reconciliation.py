"""What the routes tell us by themselves: notifications, files, statements; and what
of it does not agree with our own books."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Payment, User
from accounts.sealed import SealedBinaryField
from refunds.models.leg import PayoutLeg
from refunds.models.merchant import Merchant


class Notification(models.Model):
    """A verified message of a route: a hint to ask, never the truth. Once each.

    `agrees` says, once we asked, whether the query told the same.
    """

    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="notifications",
    )
    event_id = models.CharField(_("provider's number"), max_length=128)
    leg = models.ForeignKey(
        PayoutLeg,
        verbose_name=_("payout leg"),
        null=True,
        on_delete=models.PROTECT,
        related_name="notifications",
    )
    key = models.CharField(_("key"), max_length=64, blank=True)
    claimed = models.CharField(_("claims"), max_length=20)
    amount = models.BigIntegerField(_("amount"), null=True)
    received_at = models.DateTimeField(_("received at"))
    agrees = models.BooleanField(_("the query agrees"), null=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "event_id"], name="notification_once"
            )
        ]

    def __str__(self) -> str:
        return self.event_id


class ReceivedFile(models.Model):
    """A file from a bank or a route, exactly as it came; the same bytes come once. Of
    statements once for each day: two days without a refund may read the same. What
    could not be read has no day."""

    class Kind(models.TextChoices):
        STATUS = "status", _("Answer to a batch")
        STATEMENT = "statement", _("Statement")

    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="received_files",
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    day = models.DateField(_("day"), null=True)
    name = models.CharField(_("file name"), max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    content = SealedBinaryField()
    received_at = models.DateTimeField(_("received at"))
    uploaded_by = models.ForeignKey(
        User,
        verbose_name=_("uploaded by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("file received")
        verbose_name_plural = _("files received")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "sha256"],
                condition=Q(day__isnull=True),
                name="received_file_once",
            ),
            models.UniqueConstraint(
                fields=["merchant", "day", "sha256"],
                condition=Q(day__isnull=False),
                name="statement_once_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StatementLine(models.Model):
    """One movement as a route states it; `amount` positive, minor units."""

    class Direction(models.TextChoices):
        OUT = "out", pgettext_lazy("statement", "Went out")
        BACK = "back", pgettext_lazy("statement", "Came back")

    file = models.ForeignKey(
        ReceivedFile,
        verbose_name=_("statement"),
        on_delete=models.PROTECT,
        related_name="lines",
    )
    position = models.PositiveIntegerField(_("position"))
    direction = models.CharField(
        _("direction"), max_length=4, choices=Direction.choices
    )
    key = models.CharField(_("key"), max_length=64, blank=True)
    provider_number = models.CharField(
        _("provider's number"), max_length=64, blank=True
    )
    trade_number = models.CharField(_("transaction number"), max_length=64, blank=True)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    at = models.DateTimeField(_("at"))
    leg = models.ForeignKey(
        PayoutLeg,
        verbose_name=_("payout leg"),
        null=True,
        on_delete=models.PROTECT,
        related_name="statement_lines",
    )

    class Meta:
        verbose_name = _("line of a statement")
        verbose_name_plural = _("lines of statements")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["file", "position"], name="statement_line_once"
            )
        ]

    def __str__(self) -> str:
        return self.key or self.provider_number


class Discrepancy(models.Model):
    """What does not agree between a statement and our legs; somebody owes its end."""

    class Kind(models.TextChoices):
        NOT_STATED = "not_stated", _("Ours, on no statement")
        NOT_OURS = "not_ours", _("On the statement, not ours")
        AMOUNT = "amount", _("Amounts differ")
        TWICE = "twice", _("Stated twice")
        CAME_BACK = "came_back", _("Came back later")
        NO_FILE = "no_file", _("No statement came")
        BAD_FILE = "bad_file", _("The statement can't be read")

    class Outcome(models.TextChoices):
        OPEN = "", _("Open")
        EXPLAINED = "explained", _("Explained")
        BOOKED = "booked", _("Booked against the payment")
        CORRECTED = "corrected", _("Corrected at the provider")

    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="discrepancies",
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    # What it is about, so that a second run finds the same one.
    subject = models.CharField(_("about"), max_length=140)
    day = models.DateField(_("day"))
    leg = models.ForeignKey(
        PayoutLeg,
        verbose_name=_("payout leg"),
        null=True,
        on_delete=models.PROTECT,
        related_name="discrepancies",
    )
    payment = models.ForeignKey(
        Payment,
        verbose_name=_("payment"),
        null=True,
        on_delete=models.PROTECT,
        related_name="discrepancies",
    )
    ours = models.BigIntegerField(_("our amount"), null=True)
    theirs = models.BigIntegerField(_("their amount"), null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    found_at = models.DateTimeField(_("found at"))
    due_at = models.DateTimeField(_("due at"))
    owner = models.ForeignKey(
        User,
        verbose_name=_("in hand"),
        null=True,
        on_delete=models.PROTECT,
        related_name="discrepancies",
    )
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=Outcome.choices, blank=True
    )
    words = models.TextField(_("what was found out"), blank=True)
    ended_by = models.ForeignKey(
        User,
        verbose_name=_("ended by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("discrepancy")
        verbose_name_plural = _("discrepancies")
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "kind", "subject"], name="discrepancy_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | (~Q(words="") & Q(ended_at__isnull=False)),
                name="discrepancy_ended_with_words",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(outcome=""), name="discrepancy_open"
            )
        ]

    def __str__(self) -> str:
        return self.subject
