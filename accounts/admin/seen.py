"""Records of those customers only whom this person may read about."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.access import customers_kept_by, of_customers
from accounts.admin.exchange import Exchange
from accounts.admin.found import FoundFirst
from accounts.admin.keyset import KeysetAdmin
from accounts.admin.sums import PlainlyShown
from accounts.models import User
from accounts.resources.nudge import nudge_search

SEARCHED = {"customer": "name", "contract": "number", "service": "name"}


class RecordsAdmin(Exchange, PlainlyShown, FoundFirst, KeysetAdmin):
    """`customer_path` leads from the model to its customer."""

    customer_path = "customer"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if not isinstance(request.user, User):
            return rows.none()
        seen = customers_kept_by(request.user)
        return of_customers(rows, seen, path=self.customer_path)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """With what is `fixed` of it; locked while a form is being saved, so that
        nothing comes to hang below it meanwhile."""
        found: Any = super().get_object(request, object_id, from_field)
        if found is None:
            return None
        if request.method == "POST":
            locked = self.model._base_manager.select_for_update()
            found = locked.get(pk=found.pk)
        found.fixed = self.fixed(found)
        return found

    def save_model(
        self,
        request: HttpRequest,
        obj: Any,
        form: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Requests are found by the new name of what they are about."""
        super().save_model(request, obj, form, change)
        kind = self.opts.model_name
        if change and kind in SEARCHED and SEARCHED[kind] in form.changed_data:
            nudge_search(kind, obj.pk)

    def fixed(self, obj: Any) -> Sequence[str]:
        """Which fields of a saved record don't change any more."""
        return ()

    def untyped(self, request: HttpRequest, obj: Any) -> Sequence[str]:
        return (*super().untyped(request, obj), *getattr(obj, "fixed", ()))

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """Nobody deletes a fact that a refund may rest on."""
        return False
