"""Money on the record pages: typed and shown in major units, kept in minor ones."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db.models import BigIntegerField, Field, Model
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.admin.widgets import name_fields
from accounts.forms import MinorUnitsField
from accounts.minor_units import to_decimal
from accounts.validators import CURRENCIES

NO_BREAK = "\N{NO-BREAK SPACE}"
Shown = Callable[[Any], str]


def currency_of(record: Any) -> str:
    """Of the record or of what it hangs below; empty while that is not chosen."""
    if hasattr(record, "currency"):
        return str(record.currency)
    for above in ("payment", "contract", "service"):
        if getattr(record, f"{above}_id", None):
            return currency_of(getattr(record, above))
    return ""


def written(amount: int, *, currency: str) -> str:
    """As the console writes a sum: CNY 12,000.00."""
    whole, dot, rest = to_decimal(amount, currency=currency).partition(".")
    return f"{currency}{NO_BREAK}{int(whole):,}{dot}{rest}"


def sum_of(model: type[Model], name: str) -> Shown:
    """A column that shows the sum with its currency."""

    label = getattr(model._meta.get_field(name), "verbose_name", name)

    @admin.display(description=label, ordering=name)
    def shown(row: Any) -> str:
        amount = getattr(row, name)
        if amount is None:
            return "—"
        return written(amount, currency=currency_of(row))

    return shown


class MoneyForm(forms.ModelForm):
    """Knows the currency of its sums: the one chosen in this form, else the record's,
    else that of the record it is an inline of."""

    currency_from = "currency"

    def __init__(self, *args: Any, currency: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self._chosen() or currency or currency_of(self.instance)
        for field in self.fields.values():
            if isinstance(field, MinorUnitsField) and known:
                field.currency = known
                if currency or self.instance.pk:
                    field.label = f"{field.label} ({known})"

    def _chosen(self) -> str:
        field = self.fields.get(self.currency_from)
        if not self.is_bound or field is None:
            return ""
        typed = field.widget.value_from_datadict(
            self.data, self.files, self.add_prefix(self.currency_from)
        )
        try:
            chosen = field.clean(typed)
        except ValidationError:
            return ""
        code = str(getattr(chosen, "currency", chosen) or "")
        return code if code in CURRENCIES else ""


class InvoiceForm(MoneyForm):
    currency_from = "contract"


class MoneyFormSet(forms.BaseInlineFormSet):
    """Its forms' sums are in the currency of the record they hang below."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs(index)
        return {**kwargs, "currency": currency_of(self.instance)}

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        name_fields(form)


class PlainlyShown(admin.options.BaseModelAdmin):
    """For pages and inlines: sums are typed as people write them, and `shown` says how
    a field reads where it can't be typed."""

    form: Any = MoneyForm
    shown: Mapping[str, Shown] = {}

    def formfield_for_dbfield(
        self, db_field: Field, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if type(db_field) is BigIntegerField:
            return _typed_sum(db_field)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        untyped = self.untyped(request, obj)
        names: Any = super().get_fields(request, obj)
        return [self.shown.get(n, n) if n in untyped else n for n in names]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        names: Any = super().get_readonly_fields(request, obj)
        return [*names, *(self.shown.get(n, n) for n in self.untyped(request, obj))]

    def untyped(self, request: HttpRequest, obj: Any) -> Sequence[str]:
        """Which fields this person can't type here; `obj` is an inline's parent."""
        allowed = self.has_change_permission(request, obj)
        return () if allowed else tuple(self.shown)


def _typed_sum(db_field: BigIntegerField) -> MinorUnitsField:
    above_zero = any(
        isinstance(check, MinValueValidator) and check.limit_value == 1
        for check in db_field.validators
    )
    return MinorUnitsField(
        label=capfirst(db_field.verbose_name),
        required=not db_field.blank,
        help_text=db_field.help_text or _("Such as 12,000.00"),
        initial=db_field.get_default() if db_field.has_default() else None,
        max_length=40,
        widget=AdminTextInputWidget,
        zero=not above_zero,
    )
