"""A file of records on its way in: uploaded, checked, confirmed, applied or refused."""

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.user import User


def imports_storage() -> Storage:
    """Private: no address leads there but the console's page, by permission."""
    return FileSystemStorage(location=imports_folder(), base_url=None)


def imports_folder() -> str:
    return str(settings.VAR_DIR / "imports")


class RecordsImport(models.Model):
    """One upload. The row lock on it says who works on it; nothing else does."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Waiting to be checked")
        CHECKED = "checked", _("Checked, nothing imported yet")
        REFUSED = "refused", _("Refused, nothing imported")
        CONFIRMED = "confirmed", _("Waiting to be imported")
        APPLIED = "applied", pgettext_lazy("import", "Imported")
        FAILED = "failed", _("Stopped, nothing imported")

    class Table(models.TextChoices):
        CUSTOMERS = "customers", _("customers")
        CONTRACTS = "contracts", _("contracts")
        CLAUSES = "clauses", _("special agreements")
        SERVICES = "services", _("services")
        ITEMS = "items", _("service items")
        FEES = "fees", _("fees")
        PAYMENTS = "payments", _("payments")
        INVOICES = "invoices", _("invoices")
        USAGE = "usage", _("usage")
        OUTAGES = "outages", _("outages")
        READINGS = "readings", _("quality readings")

    table = models.CharField(_("table"), max_length=10, choices=Table.choices)
    file = models.FileField(_("file"), storage=imports_storage, upload_to="%Y/%m")
    name = models.CharField(_("file name"), max_length=200)
    size = models.PositiveIntegerField(_("size"), help_text=_("in bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_by = models.ForeignKey(
        User, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))
    confirmed_by = models.ForeignKey(
        User,
        verbose_name=_("confirmed by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    state = models.CharField(
        pgettext_lazy("import", "state"),
        max_length=10,
        choices=State.choices,
        default=State.UPLOADED,
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    read_as = models.CharField(_("read as"), max_length=10, blank=True)
    rows = models.PositiveIntegerField(pgettext_lazy("import", "rows"), default=0)
    created = models.PositiveIntegerField(pgettext_lazy("import", "new"), default=0)
    changed = models.PositiveIntegerField(pgettext_lazy("import", "changed"), default=0)
    unchanged = models.PositiveIntegerField(
        pgettext_lazy("import", "unchanged"), default=0
    )
    error_count = models.PositiveIntegerField(_("errors"), default=0)
    errors = models.JSONField(_("errors"), default=list)
    preview = models.JSONField(_("first rows"), default=list)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state"], name="import_by_state")]

    def __str__(self) -> str:
        return self.name
