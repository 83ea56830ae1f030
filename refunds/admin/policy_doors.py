"""What the policy pages have in common: who may come in, and what a refusal shows."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from accounts.models import Role, User
from refunds.admin.kept import ReadOnlyAdmin
from refunds.errors import RefundError
from refunds.models import PolicyVersion
from refunds.pages.people import signed_in

View = Callable[..., HttpResponse]


class PolicyDoors(ReadOnlyAdmin):
    """Read by who may read policies; written by policy editors, through the verbs."""

    customer_path = ""

    def address(self, route: str, view: View, name: str, *methods: str) -> URLPattern:
        """A page of ours below the model's, `admin:refunds_MODEL_NAME`."""
        guarded = self.admin_site.admin_view(require_http_methods(methods)(view))
        return path(route, guarded, name=f"refunds_{self.opts.model_name}_{name}")

    def check_reader(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def check_editor(self, request: HttpRequest) -> User:
        user = signed_in(request)
        if not user.has_role(Role.POLICY_EDITOR):
            raise PermissionDenied
        return user

    def found(self, model: type[Model], object_id: Any) -> Any:
        pk = int(object_id) if str(object_id).isdecimal() else None
        rows = model._default_manager.all()
        if model is PolicyVersion:
            rows = rows.select_related("policy", "published_by")
        return get_object_or_404(rows, pk=pk)

    def page(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> HttpResponse:
        """Answers 422 where a form that the context carries was refused."""
        form = context.get("form")
        whole = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "is_editor": signed_in(request).has_role(Role.POLICY_EDITOR),
            **context,
        }
        status = 422 if form is not None and form.is_bound and form.errors else 200
        return render(request, f"admin/refunds/{template}", whole, status=status)

    def attempt(self, request: HttpRequest, act: Callable[[], object]) -> bool:
        """Whether it was done; where not, the next page says why."""
        try:
            act()
        except RefundError as refusal:
            messages.error(request, str(refusal))
            return False
        return True


def to_policy(pk: int) -> HttpResponse:
    return redirect("admin:refunds_policy_change", pk)


def to_version(pk: int) -> HttpResponse:
    return redirect("admin:refunds_policyversion_change", pk)
