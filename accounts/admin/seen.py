"""Records of those customers only whom this person may read about."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.access import customers_kept_by
from accounts.models import User


class RecordsAdmin(admin.ModelAdmin):
    """`customer_path` leads from the model to its customer."""

    customer_path = "customer"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if not isinstance(request.user, User):
            return rows.none()
        seen = customers_kept_by(request.user)
        return rows.filter(**{f"{self.customer_path}__in": seen})
