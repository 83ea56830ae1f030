"""One table's way in and out: a file's rows against the records, and records to rows.

Checking collects every error and writes nothing. Writing happens in the caller's
transaction and stops at the first error; the caller then rolls it back.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import RecordsImport
from accounts.resources.columns import Within
from accounts.resources.complaints import Complaints
from accounts.resources.links import numbered
from accounts.resources.reading import (
    BATCH,
    Progress,
    ReadingResource,
    Values,
    no_progress,
)
from accounts.resources.rows import Counts, Record
from accounts.resources.sheet import Sheet


class Existing(Enum):
    """What a row may do about a record that is there already."""

    REFUSED = "refused"  # money that moved: every row is a new one
    AGREES = "agrees"  # terms: the same again is harmless, other values are an error
    UPDATED = "updated"  # what is known lately


class RecordsResource(ReadingResource):
    """`identity`: the fields by which a record is the same; `named_by`: the column
    that is told where it is there twice; `parent`: the path to the record that a
    console page lists, where it lists none of these; `related`: what a row shows."""

    identity: tuple[str, ...]
    named_by: str
    existing = Existing.UPDATED
    parent = ""
    related: tuple[str, ...] = ()

    @classmethod
    def title(cls) -> str:
        return str(RecordsImport.Table(cls.table).label)

    @classmethod
    def listed_by(cls) -> str:
        """The model, by name, whose console page these records are in."""
        return cls.parent or str(cls.model._meta.model_name)

    def take(
        self,
        sheet: Sheet,
        *,
        at: datetime,
        write: bool = False,
        progress: Progress = no_progress,
    ) -> tuple[Counts, Complaints]:
        """Raises FileRefused. With complaints, what was written has to be undone."""
        self.open(sheet, at=at, progress=progress)
        self.write = write
        self.seen: dict[Any, int] = {}
        self.has_rules = self.model.clean is not Model.clean
        for records in self.records():
            self.settle(records)
        return self.counts, self.complaints

    def settle(self, batch: Sequence[Record]) -> None:
        """One query for what is there, one or two to write."""
        records = [record for record in batch if self.comes_first(record)]
        found = self.found(records)
        new, changed = [], []
        for record in records:
            there = numbered(found.get(self.key(record.values), []), record.chosen)
            if there:
                if self.changes(record, there):
                    changed.append(record)
            elif self.makes(record):
                new.append(record)
        if self.write and not self.complaints.count:
            self.create(new)
            self.update(changed)
        self.counts.created += len(new)
        self.counts.changed += len(changed)
        self.counts.unchanged += len(records) - len(new) - len(changed)

    def ask_who_knows(self, batch: Sequence[Record], *, column: str) -> None:
        """Asks what settings.RECORD_CHECKS names, once a batch."""
        made = {id(r.instance): r for r in batch if r.instance is not None}
        check = import_string(settings.RECORD_CHECKS[self.table])
        for instance, words in check([r.instance for r in made.values()]):
            self.complain_of(made[id(instance)], words, column=column)

    def key(self, values: Values) -> tuple[Any, ...]:
        return tuple(
            values[name.removesuffix("_id")].pk
            if name.endswith("_id")
            else values[name]
            for name in self.identity
        )

    def comes_first(self, record: Record) -> bool:
        key = (*self.key(record.values), record.chosen)
        first = self.seen.setdefault(key, record.number)
        if first != record.number:
            words = _("The same record is in row %(row)s already.") % {"row": first}
            self.complain_of(record, words)
        return first == record.number

    def complain_of(self, record: Record, words: str, *, column: str = "") -> None:
        code = column or self.named_by
        self.complaints.add(record.number, self.told.get(code, code), words)

    def found(self, records: Sequence[Record]) -> dict[Any, list[Any]]:
        """One query: those with any of these values, then those with all of them."""
        if not records:
            return {}
        keys = [self.key(record.values) for record in records]
        columns = zip(self.identity, zip(*keys, strict=True), strict=True)
        there = self.model._default_manager.filter(
            **{f"{name}__in": set(values) for name, values in columns}
        )
        if self.write and self.existing is Existing.UPDATED:
            there = there.select_for_update()
        found: dict[Any, list[Any]] = {}
        for each in there.iterator():
            key = tuple(getattr(each, name) for name in self.identity)
            found.setdefault(key, []).append(each)
        return found

    def makes(self, record: Record) -> bool:
        if record.chosen:
            words = _("No record has this name and this number. Empty: a new one.")
            self.complain_of(record, words, column=self.numbered_by)
            return False
        record.instance = self.model(**record.values)
        return self.follows_rules(record)

    def changes(self, record: Record, there: Sequence[Any]) -> bool:
        """Whether the one that is there changes, and may."""
        if self.existing is Existing.REFUSED:
            self.complain_of(record, _("This number is there already."))
            return False
        if len(there) > 1:
            words = _(
                "Several records have this name. Write the number of the one you mean."
            )
            self.complain_of(record, words)
            return False
        record.instance = there[0]
        differing = self.differing(record)
        if self.existing is Existing.AGREES:
            words = _("It is there with another value. Change it on its own page.")
            for name in differing:
                self.complain_of(record, words, column=name)
            return False
        for name in differing:
            setattr(record.instance, name, record.values[name])
        return bool(differing) and self.follows_rules(record)

    def differing(self, record: Record) -> list[str]:
        return [
            name
            for name, value in record.values.items()
            if (
                getattr(record.instance, f"{name}_id") != value.pk
                if isinstance(value, Model)
                else getattr(record.instance, name) != value
            )
        ]

    def follows_rules(self, record: Record) -> bool:
        """The model's own, which ask no database."""
        if not self.has_rules:
            return True
        try:
            record.instance.clean()
        except ValidationError as error:
            self.complain(record.number, error)
            return False
        return True

    def create(self, records: Sequence[Record]) -> None:
        made = [record.instance for record in records]
        self.model._default_manager.bulk_create(made, batch_size=BATCH)

    def update(self, records: Sequence[Record]) -> None:
        if records:
            names = self.updated_fields(records[0])
            changed = [record.instance for record in records]
            self.model._default_manager.bulk_update(changed, names, batch_size=BATCH)

    def updated_fields(self, record: Record) -> list[str]:
        fixed = {name.removesuffix("_id") for name in self.identity}
        return [name for name in record.values if name not in fixed]

    def within(self, listed: QuerySet[Any]) -> QuerySet[Any]:
        """The records of this table that belong to what a console page lists."""
        rows = listed
        if listed.model is not self.model:
            wanted = {f"{self.parent}__in": listed.order_by().values("pk")}
            rows = self.model._default_manager.filter(**wanted)
        return rows.select_related(None).select_related(*self.related).order_by("pk")

    def exported(self, rows: QuerySet[Any]) -> Iterator[dict[str, str]]:
        """A text per column and row, not yet made harmless for a spreadsheet."""
        for instance in rows.iterator(chunk_size=BATCH):
            yield from self.lines_of(instance)

    def lines_of(self, instance: Any) -> Iterator[dict[str, str]]:
        zone, currency = self.frames_of(instance)
        frames = {Within.NOTHING: "", Within.ZONE: zone, Within.CURRENCY: currency}
        yield {
            code: column.widget.render(
                column.get_value(instance), within=frames[column.within]
            )
            for code, column in self.columns.items()
        }

    def frames_of(self, instance: Any) -> tuple[str, str]:
        """Time zone and currency of a record's contract."""
        contract = getattr(instance, "contract", None) or instance.service.contract
        return contract.time_zone, contract.currency
