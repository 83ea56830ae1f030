"""Who owes what by when, and who has it open: beside every request in a list."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from accounts.admin.keyset import KeysetList
from accounts.models import User
from refunds.models import RefundRequest
from refunds.pages.people import signed_in
from refunds.review.queue import show_beside
from refunds.templatetags.console import others_in_words, owed_markup


class OwedList(KeysetList):
    """A page of a list whose rows have a request."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        owner: Any = self.model_admin
        requests = [owner.request_of(row) for row in self.result_list]
        user = signed_in(request)
        show_beside(requests, to=user, at=timezone.now(), also=self.asked_along(user))

    def asked_along(self, user: User) -> Iterable[QuerySet[Any]]:
        """What else the page shows, and asks in the same round."""
        return ()


class ShowsOwed:
    """For an admin whose rows belong to a request that `list_select_related` brings
    with its contract: its column `owed`."""

    def request_of(self, row: Any) -> RefundRequest:
        """The row itself in the queue; elsewhere what it belongs to."""
        request: RefundRequest = row.request
        return request

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[OwedList]:
        return OwedList

    @admin.display(description=gettext_lazy("who owes what by when"))
    def owed(self, row: Any) -> SafeString:
        found = self.request_of(row).__dict__
        owed = owed_markup(found["owed"])
        if not found["others"]:
            return owed
        words = others_in_words(found["others"])
        return format_html('{}<span class="presence">{}</span>', owed, words)
