"""The columns of a table, and which of them a file has."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from import_export.fields import Field

from accounts.resources.complaints import FileRefused
from accounts.resources.values import Money, Text

MOST_COLUMNS = 100
MOST_REMEMBERED = 50_000


class Within(Enum):
    """What a cell can't be read without."""

    NOTHING = ""
    CURRENCY = "currency"
    ZONE = "zone"


class Column(Field):
    """`chinese` is accepted in a file's first row too. A column without `kept` names
    another record; it is resolved in bulk, not read by itself. What a `hidden` one
    holds is kept sealed, and shown to nobody."""

    def __init__(
        self,
        chinese: str,
        widget: Any = None,
        *,
        attribute: str = "",
        within: Within = Within.NOTHING,
        needed: bool = False,
        kept: bool = True,
        hidden: bool = False,
    ) -> None:
        super().__init__(widget=widget or Text())
        self.attribute: str = attribute
        self.chinese = chinese
        self.within = within
        self.needed = needed
        self.kept = kept
        self.hidden = hidden
        self.model_field: models.Field | None = None
        self.remembered: dict[tuple[str, str], Any] = {}

    def bind(self, model: type[models.Model], name: str) -> None:
        self.attribute = self.attribute or name
        if self.kept:
            self.check_as(model, self.attribute)

    def check_as(self, model: type[models.Model], name: str) -> None:
        """With that field's own validators and choices; needed where it is."""
        field: Any = model._meta.get_field(name)
        self.model_field = field
        optional = field.null or field.blank or field.has_default()
        self.needed = self.needed or (self.kept and not optional)

    def read(self, text: str, within: str) -> Any:
        """The value, or the ValidationError that stands for it; both remembered."""
        key = (text, within)
        try:
            return self.remembered[key]
        except KeyError:
            pass
        if len(self.remembered) > MOST_REMEMBERED:
            self.remembered.clear()
        value = self.remembered[key] = self._read(text, within)
        return value

    def _read(self, text: str, within: str) -> Any:
        try:
            value = self.widget.clean(text, within=within) if text else self._empty()
            if self.model_field is not None:
                self._validate(value)
        except ValidationError as error:
            return error
        return value

    def _empty(self) -> Any:
        field = self.model_field
        if field is None:
            return ""
        if field.has_default():
            return field.get_default()
        if field.null:
            return None
        if field.blank:
            return ""
        raise ValidationError(_("This cell is empty, but it is needed."))

    def _validate(self, value: Any) -> None:
        assert self.model_field is not None
        if isinstance(self.model_field, models.ForeignKey):
            return
        if value == 0 and isinstance(self.widget, Money):
            self._check_zero()
        self.model_field.clean(value, None)

    def _check_zero(self) -> None:
        """The field's own words would be of minor units."""
        assert self.model_field is not None
        try:
            self.model_field.run_validators(0)
        except ValidationError:
            words = _("The amount has to be above zero.")
            raise ValidationError(words) from None


def columns_of(
    header: Sequence[str], columns: dict[str, Column], *, table: str
) -> list[str]:
    """The code of each cell in the first row, in its order. Raises FileRefused."""
    named = list(header)
    while named and not named[-1]:
        named.pop()
    if not named:
        raise FileRefused(_("The first row is empty. It names the columns."), row=1)
    if len(named) > MOST_COLUMNS:
        raise FileRefused(
            _("The file has %(count)s columns, %(table)s have %(known)s.")
            % {"count": len(named), "table": table, "known": len(columns)},
            row=1,
        )
    found = [_code_of(cell, place, columns) for place, cell in enumerate(named, 1)]
    _check_columns(found, columns)
    return found


def _code_of(cell: str, place: int, columns: dict[str, Column]) -> str:
    for code, column in columns.items():
        if _names(cell, code, column):
            return code
    raise FileRefused(
        _("There is no column “%(name)s”. The columns are: %(known)s.")
        % {"name": cell[:40], "known": ", ".join(columns)},
        row=1,
        column=cell[:40] or str(place),
    )


def _names(cell: str, code: str, column: Column) -> bool:
    return cell.strip().lower().replace(" ", "_") in (code, column.chinese)


def hidden_places(header: Sequence[str], columns: dict[str, Column]) -> list[bool]:
    """For each cell of a row, whether nobody is to be shown it."""
    hidden = [(code, column) for code, column in columns.items() if column.hidden]
    return [
        any(_names(cell, code, column) for code, column in hidden) for cell in header
    ]


def _check_columns(found: Sequence[str], columns: dict[str, Column]) -> None:
    for code in found:
        if found.count(code) > 1:
            raise FileRefused(
                _("The column “%(name)s” is there twice.") % {"name": code},
                row=1,
                column=code,
            )
    missing = [code for code, each in columns.items() if each.needed]
    missing = [code for code in missing if code not in found]
    if missing:
        raise FileRefused(
            _("These columns are missing: %(missing)s.")
            % {"missing": ", ".join(missing)},
            row=1,
        )
