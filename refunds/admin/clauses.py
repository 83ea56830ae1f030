"""A contract's special agreements, typed: chosen from what its rules allow, and tried
on them before they are kept. Joins the contract's page from here, because `accounts`
knows no rules."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.db.models import JSONField, Value
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.admin.contracts import ContractAdmin
from accounts.admin.sums import MoneyForm, PlainlyShown
from accounts.models import Contract, ContractClause
from refunds.admin.agreements import Change, changes_of, choices_of
from refunds.errors import RefundError
from refunds.models import PolicyVersion
from refunds.policies.applying import rules_of, version_for
from refunds.policy.clauses import Clause, apply_clauses
from refunds.policy.errors import PolicyError
from refunds.policy.rule import Rule
from refunds.states import State

KEPT = "kept"


class ClauseForm(forms.ModelForm):
    change = forms.ChoiceField(label=_("What is agreed"))
    typed = forms.CharField(
        label=pgettext_lazy("clause", "Number"),
        widget=AdminTextInputWidget,
        required=False,
        max_length=40,
        help_text=_("Only where what is agreed asks for one; else leave it empty."),
    )

    class Meta:
        model = ContractClause
        fields = ("wording",)
        widgets = {"wording": forms.Textarea(attrs={"rows": 2})}

    def __init__(
        self, *args: Any, rules: tuple[Rule, ...], currency: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        changes = [change for rule in rules for change in changes_of(rule)]
        self.changes = {change.key: change for change in changes}
        choices = [("", "—"), *choices_of(rules)]
        if self.instance.pk:
            choices += self._fill_in(changes)
        field = self.fields["change"]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def _fill_in(self, changes: list[Change]) -> list[tuple[str, str]]:
        """Shows a kept clause; one that its rules don't know stands as it is."""
        clause = self.instance
        said = {"rule": clause.rule, "field": clause.field, "value": clause.value}
        change = next((change for change in changes if change.fits(**said)), None)
        if change is None:
            self.initial["change"] = KEPT
            return [(KEPT, f"{clause.rule}.{clause.field} = {clause.value}")]
        self.initial["change"] = change.key
        if change.typed is not None:
            self.initial["typed"] = change.typed.write(clause.value)
        return []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        change = self.changes.get(cleaned.get("change", ""))
        if change is not None:
            self._take(change, str(cleaned.get("typed", "")).strip())
        return dict(cleaned)

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002
        """A null is a value of its own here: no limit, no deadline for the claim."""
        if self.instance.value is None:
            self.instance.value = Value(None, JSONField())
        return super().save(commit)

    def _take(self, change: Change, typed: str) -> None:
        clause = self.instance
        clause.rule, clause.field = change.rule, change.field
        clause.value = change.value
        if change.typed is None and typed:
            self.add_error(
                "typed", _("This agreement takes no number: leave it empty.")
            )
        elif change.typed is not None and not typed:
            words = gettext("Write the number: %(hint)s.") % {"hint": change.typed.hint}
            self.add_error("typed", words)
        elif change.typed is not None:
            try:
                clause.value = change.typed.read(typed, self.currency)
            except ValidationError as error:
                self.add_error("typed", error)


class ClauseFormSet(forms.BaseInlineFormSet):
    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Of the contract as this form makes it; none where no policy applies."""
        try:
            return rules_of(version_for(self.instance))
        except (RefundError, PolicyVersion.DoesNotExist):
            return ()

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs(index)
        return {**kwargs, "rules": self.rules, "currency": self.instance.currency}

    def clean(self) -> None:
        super().clean()
        said: dict[str, list[Any]] = defaultdict(list)
        for form in self.forms:
            if not form.is_valid() or self._is_gone(form):
                continue
            if any(f.instance.field == form.instance.field for f in said[_rule(form)]):
                form.add_error("change", _("The same is agreed twice: leave one."))
            else:
                said[_rule(form)].append(form)
        for code, forms_of_rule in said.items():
            self._check_deadline(code, forms_of_rule)
            self._try(forms_of_rule)

    def _is_gone(self, form: Any) -> bool:
        untouched = not form.instance.pk and not form.has_changed()
        return untouched or bool(form.cleaned_data.get("DELETE"))

    def _check_deadline(self, code: str, said: list[Any]) -> None:
        """The engine lets a length without a start be: it would change nothing."""
        open_ended = any(r.code == code and r.window is None for r in self.rules)
        parts = [f for f in said if f.instance.field.startswith("window.")]
        starts = any(f.instance.field == "window.anchor" for f in parts)
        if open_ended and parts and not starts:
            words = _("This rule has no deadline yet: agree on what it runs from, too.")
            parts[-1].add_error("change", words)

    def _try(self, said: list[Any]) -> None:
        """All clauses of one rule at once, as the engine will."""
        clauses = [
            Clause(f.instance.rule, f.instance.field, f.instance.value) for f in said
        ]
        try:
            apply_clauses(self.rules, clauses, currency=self.instance.currency)
        except PolicyError as error:
            meant = [form for form in said if form.instance.field == error.field]
            words = gettext("The rule makes no sense like this: %(reason)s")
            said_why = gettext(error.sentence.text) % error.sentence.values
            values = {"reason": said_why}
            (meant or said)[-1].add_error("change", words % values)


def _rule(form: Any) -> str:
    return str(form.instance.rule)


@admin.display(description=_("What is agreed"))
def agreed(clause: ContractClause) -> str:
    return f"{clause.rule}.{clause.field} = {clause.value}"


class ClauseInline(PlainlyShown, admin.StackedInline):
    model = ContractClause
    form = ClauseForm
    formset = ClauseFormSet
    extra = 0
    fields = ("change", "typed", "wording")
    shown = {"change": agreed}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        names = super().get_fields(request, obj)
        return [n for n in names if n != "typed"] if agreed in names else names


class ContractForm(MoneyForm):
    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or self.cleaned_data)
        line = cleaned.get("product_line") or self.instance.product_line
        version = cleaned.get("policy_version")
        published = PolicyVersion.objects.filter(
            policy__product_line=line, published_at__isnull=False
        )
        if version and not published.filter(version=version).exists():
            words = _("The refund policy of this product line has no such version.")
            self.add_error("policy_version", words)
        return cleaned


DECIDES_THE_POLICY = ("signed_on", "time_zone", "calendar", "policy_version")
admin.site.unregister(Contract)


@admin.register(Contract)
class ContractWithClausesAdmin(ContractAdmin):
    form = ContractForm
    inlines = (ClauseInline,)

    def fixed(self, obj: Contract) -> Sequence[str]:
        """What says which policy applies stands still once money was asked for."""
        fixed = tuple(super().fixed(obj))
        if obj.refund_requests.exclude(state=State.DRAFT).exists():
            return (*fixed, *DECIDES_THE_POLICY)
        return fixed

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """A new contract is saved first: its product line says which rules it has."""
        return super().get_inlines(request, obj) if obj else ()
