"""The form of a merchant, made of what its route's adapter asks for. A secret goes in
and is never shown again."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from refunds.admin.merchant_keys import (
    FROM_ENVIRONMENT,
    check_address,
    fault_of,
    secret_fault,
)
from refunds.gateways.base import Access, Capabilities, Setting
from refunds.gateways.registry import ADAPTERS, secret_value
from refunds.models import Merchant

REMOVE = "-"
# An adapter may ask for something by the name of a field of ours.
GIVEN = "given_"


def settings_of(route: str) -> tuple[Setting, ...]:
    adapter: Any = ADAPTERS[route]
    found: tuple[Setting, ...] = adapter.settings
    return found


def capabilities_of(route: str) -> Capabilities:
    adapter: Any = ADAPTERS[route]
    found: Capabilities = adapter.capabilities
    return found


@dataclass(frozen=True)
class Kept:
    """What a page may say of a secret: where it stands, or its fingerprint."""

    label: Any
    fingerprint: str = ""
    variable: str = ""
    required: bool = True

    @property
    def is_set(self) -> bool:
        return bool(self.fingerprint or self.variable)


def kept_secrets(merchant: Merchant) -> list[Kept]:
    secrets = merchant.secrets
    return [
        _kept(setting, secrets.get(setting.name, ""))
        for setting in settings_of(merchant.route)
        if setting.secret
    ]


def _kept(setting: Setting, text: str) -> Kept:
    if text.startswith(FROM_ENVIRONMENT):
        variable = text.removeprefix(FROM_ENVIRONMENT)
        return Kept(setting.label, variable=variable, required=setting.required)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8] if text else ""
    return Kept(setting.label, fingerprint=digest, required=setting.required)


class GivenField(forms.CharField):
    """`stands`: something is kept already; that it may stay empty needs no word."""

    def __init__(self, *, stands: bool, **kwargs: Any) -> None:
        self.stands = stands
        super().__init__(**kwargs)


class MerchantForm(forms.ModelForm):
    """`route` is fixed. An empty secret keeps what is there; “-” removes it."""

    class Meta:
        model = Merchant
        fields = ("number", "name", "address", "usual", "enabled")

    def __init__(self, *args: Any, route: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.route = self.instance.route = route
        self.asks_for = settings_of(route)
        # What stood there when the page was made; the instance changes while cleaned.
        self._before = self.instance.address
        self._secrets = self.instance.secrets if self.instance.pk else {}
        self.fields["address"].required = not capabilities_of(route).by_file
        self.fields["number"].disabled = self._has_legs()
        for setting in self.asks_for:
            self.fields[GIVEN + setting.name] = self._field(setting)

    def _has_legs(self) -> bool:
        return bool(self.instance.pk) and self.instance.legs.exists()

    def _field(self, setting: Setting) -> "GivenField":
        stands = self._secrets.get(setting.name, "")
        area = forms.Textarea(attrs={"rows": 5, "spellcheck": "false"})
        line = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
        return GivenField(
            stands=bool(setting.secret and stands),
            label=setting.label,
            help_text=_secret_help(setting, stands) if setting.secret else setting.help,
            required=setting.required and not (setting.secret and stands),
            widget=area if setting.lines else line,
            initial=""
            if setting.secret
            else self.instance.settings.get(setting.name, ""),
            max_length=20_000 if setting.lines else 500,
        )

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].strip()
        if address:
            check_address(address)
        return address

    def clean(self) -> dict[str, Any]:
        super().clean()
        for setting in self.asks_for:
            name = GIVEN + setting.name
            typed = self.cleaned_data.get(name)
            if typed is not None and setting.lines and len(typed) > len(REMOVE):
                # As a file has it, so that its fingerprint is the file's.
                typed = "\n".join(typed.splitlines()) + "\n"
                typed = typed.rstrip() if typed.startswith(FROM_ENVIRONMENT) else typed
                self.cleaned_data[name] = typed
            if typed is not None and setting.secret:
                self._check_secret(setting, typed)
        self._check_number()
        self._check_usual()
        if not self.errors:
            self._check_by_building()
        return self.cleaned_data

    def _check_secret(self, setting: Setting, typed: str) -> None:
        stands = setting.name in self._secrets
        fault: ValidationError | None = None
        if typed == REMOVE and setting.required:
            fault = ValidationError(_("This is needed; put another in its place."))
        elif not typed and stands and self._moves_away():
            fault = ValidationError(
                _(
                    "The address is another server's. Enter this again, so that "
                    "nothing is told to who should not know it."
                )
            )
        elif typed and typed != REMOVE:
            fault = secret_fault(setting, typed)
        if fault:
            self.add_error(GIVEN + setting.name, fault)

    def _moves_away(self) -> bool:
        """To another host; on this machine, only another port."""
        if settings.PAYS_INTO_SANDBOX or not self._before:
            return False
        after = self.cleaned_data.get("address", "")
        return bool(urlsplit(after).netloc != urlsplit(self._before).netloc)

    def _check_number(self) -> None:
        number = self.cleaned_data.get("number")
        others = Merchant.objects.filter(route=self.route, number=number)
        if others.exclude(pk=self.instance.pk).exists():
            words = _("There is a merchant of this route with this number already.")
            self.add_error("number", words)

    def _check_usual(self) -> None:
        if not (self.cleaned_data.get("usual") and self.cleaned_data.get("enabled")):
            return
        others = Merchant.objects.filter(route=self.route, usual=True, enabled=True)
        other = others.exclude(pk=self.instance.pk).only("route", "number").first()
        if other:
            words = _("%(number)s is the usual one of this route. Change that first.")
            self.add_error("usual", words % {"number": other.number})

    def _check_by_building(self) -> None:
        """The adapter itself has the last word on its keys."""
        secrets = {k: secret_value(v) for k, v in self.secrets_after().items()}
        access = Access(
            self.cleaned_data["number"],
            self.cleaned_data["address"],
            self.settings_after(),
            secrets,
            settings.GATEWAY_TIMEOUT_SECONDS,
        )
        fault = fault_of(lambda: ADAPTERS[self.route](access), secrets.values())
        if fault is None:
            return
        name, _colon, why = fault.partition(": ")
        field = next((f for f in (GIVEN + name, name) if f in self.fields), None)
        if field:
            words = _("The route can't use this: %(why)s.") % {"why": why.rstrip(".")}
            self.add_error(field, words)
        else:
            words = _("With this the merchant can't be used; check the keys.")
            self.add_error(None, words)

    def settings_after(self) -> Mapping[str, str]:
        plain = (each for each in self.asks_for if not each.secret)
        given = {each.name: self.cleaned_data[GIVEN + each.name] for each in plain}
        return {name: text for name, text in given.items() if text}

    def secrets_after(self) -> dict[str, str]:
        secrets = dict(self._secrets)
        for each in self.asks_for:
            if each.secret and (typed := self.cleaned_data[GIVEN + each.name]):
                secrets[each.name] = typed
        return {name: text for name, text in secrets.items() if text != REMOVE}


def _secret_help(setting: Setting, stands: str) -> str:
    kept = _kept(setting, stands)
    hints = [str(setting.help)] if setting.help else []
    if kept.variable:
        words = _("Now from the environment: %(name)s.") % {"name": kept.variable}
        hints.append(words)
    elif kept.fingerprint:
        words = _("Set; its SHA-256 begins with %(digits)s.")
        hints.append(words % {"digits": kept.fingerprint})
    if kept.is_set:
        hints.append(_("Empty keeps it."))
    if kept.is_set and not setting.required:
        hints.append(_("A single - removes it."))
    hints.append(_("env:NAME takes it from a variable of the environment."))
    return " ".join(hints)


class RouteForm(forms.Form):
    """The first question of a new merchant."""

    route = forms.ChoiceField(label=gettext_lazy("Route"), choices=())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = Merchant._meta.get_field("route").choices or ()
        known = [choice for choice in choices if choice[0] in ADAPTERS]
        field = self.fields["route"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = known
