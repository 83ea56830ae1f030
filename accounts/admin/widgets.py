"""What stock widgets of the admin leave out for people who listen to the page."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils.translation import pgettext_lazy


class NamedSplitDateTime(AdminSplitDateTime):
    """Each of its two fields says which it is."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        day, hour = self.widgets
        day.attrs["aria-label"] = pgettext_lazy("moment", "Date")
        hour.attrs["aria-label"] = pgettext_lazy("moment", "Time")


def name_fields(form: forms.BaseForm) -> None:
    """In a table their labels stand in its head, where no field is told by them."""
    for field in form.fields.values():
        if field.label:
            field.widget.attrs.setdefault("aria-label", field.label)
