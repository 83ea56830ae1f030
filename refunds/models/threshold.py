"""Above which sums a second person, and finance, must look. Set by the operator."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Threshold(models.Model):
    """Minor units of `currency`. A currency without a row lets nothing through."""

    currency = models.CharField(_("currency"), max_length=3, unique=True)
    second_person_above = models.BigIntegerField(
        _("a second person approves above"),
        help_text=_("In the currency's smallest unit: 500000 is CNY 5,000.00."),
    )
    release_below = models.BigIntegerField(
        _("pays out by itself below"),
        help_text=_("In the currency's smallest unit: 500000 is CNY 5,000.00."),
    )

    class Meta:
        verbose_name = _("threshold")
        verbose_name_plural = _("thresholds")

    def __str__(self) -> str:
        return self.currency

    @classmethod
    def for_currency(cls, currency: str) -> "Threshold":
        found = cls.objects.filter(currency=currency).first()
        return found or cls(currency=currency, second_person_above=0, release_below=0)

    def releases(self, amount: int) -> bool:
        return amount < self.release_below
