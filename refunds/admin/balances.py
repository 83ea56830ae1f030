"""What is left of each payment: captured, under way, gone back, here and elsewhere."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts.admin.found import FoundFirst, customers_named
from accounts.models import Route
from refunds.admin.kept import ReadOnlyAdmin
from refunds.models import Dispute, OutsideRefund, PaymentBalance, PayoutLeg
from refunds.templatetags.makegood import money_code


class BalancePreset(admin.SimpleListFilter):
    title = pgettext_lazy("queue", "Show")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("underway", _("Something is under way")),
            ("elsewhere", _("Something went back elsewhere")),
            ("disputed", _("In dispute")),
            ("empty", _("Nothing is left")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[PaymentBalance]
    ) -> QuerySet[PaymentBalance]:
        wanted = {
            "underway": Q(reserved__gt=0),
            "elsewhere": Q(elsewhere__gt=0),
            "disputed": Q(disputes__gt=0),
            "empty": Q(captured=F("reserved") + F("refunded")),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


def _of_payment(rows: QuerySet[Any], figure: Any) -> Subquery:
    """One figure over what belongs to the row's payment."""
    grouped = rows.order_by().values("payment").annotate(figure=figure)
    return Subquery(grouped.values("figure"))


@admin.register(PaymentBalance)
class PaymentBalanceAdmin(FoundFirst, ReadOnlyAdmin):
    change_list_template = "admin/finance/change_list.html"
    customer_path = "payment__customer"
    list_display = (
        "trade_number",
        "route",
        "customer",
        "paid",
        "under_way",
        "gone_back",
        "still_left",
        "went_elsewhere",
        "in_dispute",
        "legs",
    )
    list_select_related = ("payment__customer",)
    list_filter = (BalancePreset, "payment__route")
    search_help_text = _("Transaction number or customer")
    ordering = ("-pk",)

    def ways(self, text: str) -> Iterator[Q]:
        yield Q(payment__route__in=Route.values, payment__trade_number=text)
        yield Q(payment__customer__in=customers_named(text))
        yield Q(payment__trade_number__startswith=text)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PaymentBalance]:
        own = {"payment": OuterRef("pk")}
        outside = OutsideRefund.objects.filter(**own, taken_back_at=None)
        disputes = Dispute.objects.filter(**own, outcome="")
        legs = PayoutLeg.objects.filter(allocation__payment=OuterRef("pk")).order_by()
        counted = legs.values("allocation__payment").annotate(n=Count("pk"))
        rows: QuerySet[PaymentBalance] = super().get_queryset(request)
        return rows.annotate(
            elsewhere=_of_payment(outside, Sum("amount")),
            disputes=_of_payment(disputes, Count("pk")),
            leg_count=Subquery(counted.values("n")),
        ).defer("payment__payer_number")

    @admin.display(
        description=_("transaction number"), ordering="payment__trade_number"
    )
    def trade_number(self, row: PaymentBalance) -> str:
        return row.payment.trade_number

    @admin.display(description=pgettext_lazy("payment", "route"))
    def route(self, row: PaymentBalance) -> str:
        return row.payment.get_route_display()

    @admin.display(description=_("customer"))
    def customer(self, row: PaymentBalance) -> str:
        return str(row.payment.customer)

    @admin.display(description=_("captured"), ordering="captured")
    def paid(self, row: PaymentBalance) -> str:
        return money_code(row.captured, row.payment.currency)

    @admin.display(description=_("under way"), ordering="reserved")
    def under_way(self, row: PaymentBalance) -> str:
        return money_code(row.reserved, row.payment.currency)

    @admin.display(description=_("refunded"), ordering="refunded")
    def gone_back(self, row: PaymentBalance) -> str:
        return money_code(row.refunded, row.payment.currency)

    @admin.display(description=pgettext_lazy("balance", "left"))
    def still_left(self, row: PaymentBalance) -> str:
        return money_code(row.left, row.payment.currency)

    @admin.display(description=_("of that, refunded elsewhere"))
    def went_elsewhere(self, row: PaymentBalance) -> str:
        return money_code(row.__dict__.get("elsewhere"), row.payment.currency)

    @admin.display(description=_("dispute"))
    def in_dispute(self, row: PaymentBalance) -> str | None:
        disputed = row.__dict__.get("disputes") or row.payment.disputed
        return str(_("in dispute")) if disputed else None

    @admin.display(description=_("payout legs"))
    def legs(self, row: PaymentBalance) -> SafeString | str:
        count = row.__dict__.get("leg_count") or 0
        if not count:
            return ""
        address = reverse("admin:refunds_payoutleg_changelist")
        words = ngettext("%(n)s leg", "%(n)s legs", count) % {"n": count}
        query = f"allocation__payment__exact={row.pk}"
        return format_html('<a href="{}?{}">{}</a>', address, query, words)
