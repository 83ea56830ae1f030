"""My requests: what was sent, the newest first, and what is still a draft."""

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import customers_of
from refunds.clock.words import owed_to_customers
from refunds.models import RefundRequest
from refunds.pages.access import request_or_404, requests_of
from refunds.pages.half_written import signed_in_first
from refunds.pages.people import signed_in
from refunds.states import State

ON_A_PAGE = 20


@signed_in_first()
@require_safe
def requests(http: HttpRequest) -> HttpResponse:
    """A page goes on after the last one before it, however many there are."""
    user = signed_in(http)
    after = http.GET.get("after", "")
    found = requests_of(user).order_by("-submitted_at", "-pk")
    if after:
        found = _after(found, request_or_404(user, after))
    page = list(found[: ON_A_PAGE + 1])
    shown = page[:ON_A_PAGE]
    owed = owed_to_customers(shown, at=timezone.now())
    drafts = RefundRequest.objects.filter(
        state=State.DRAFT, filed_by=user, customer__in=customers_of(user)
    ).select_related("service", "contract")
    context = {
        "rows": [(refund, owed.get(refund.pk)) for refund in shown],
        "drafts": [] if after else drafts.order_by("-saved_at"),
        "after": after,
        "next": shown[-1].number if len(page) > ON_A_PAGE else "",
    }
    return render(http, "pages/requests.html", context)


def _after(
    found: QuerySet[RefundRequest], last: RefundRequest
) -> QuerySet[RefundRequest]:
    earlier = Q(submitted_at__lt=last.submitted_at)
    return found.filter(earlier | Q(submitted_at=last.submitted_at, pk__lt=last.pk))
