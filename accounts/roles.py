"""Which stock admin pages each role may open. What moves a request is in lifecycle.py.

`install_roles` brings the groups to what stands here; `manage.py migrate` ends with it.
"""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from accounts.models import Role

SEES_CASES = (
    Role.FIRST_LINE,
    Role.EVALUATOR,
    Role.APPROVER,
    Role.FINANCE,
    Role.AUDITOR,
    Role.ACCOUNT_MANAGER,
)
KEEPS: dict[Role, dict[str, tuple[str, ...]]] = {
    Role.ADMINISTRATOR: {
        "accounts": (
            "user",
            "membership",
            "customer",
            "lead",
            "contract",
            "contractclause",
            "service",
            "serviceitem",
            "fee",
            "usage",
            "payment",
            "paymentallocation",
            "invoice",
            "outage",
            "qualityreading",
        ),
        "refunds": (
            "calendaroverride",
            "merchant",
            "threshold",
            "reasontag",
            "ticket",
            "cannedreply",
        ),
    },
    Role.POLICY_EDITOR: {
        "refunds": (
            "policy",
            "policyversion",
            "policyrule",
            "backtest",
            "backtestchange",
        )
    },
    Role.SUPPORT_AGENT: {"refunds": ("ticket",)},
    Role.EXPERT: {"refunds": ("ticket",)},
}
# People of every customer; who keeps them, and the auditor, read them.
NOT_FOR_EVERY_READER = ("view_user", "view_membership", "view_lead")
ACTIONS = ("view", "add", "change")


def install_roles() -> None:
    for role in Role:
        group, _created = Group.objects.get_or_create(name=role.value)
        group.permissions.set(_permissions(role))


def _permissions(role: Role) -> list[Permission]:
    wanted = Q(pk__in=[])
    if role == Role.AUDITOR:
        wanted |= Q(
            content_type__app_label="accounts", codename__in=NOT_FOR_EVERY_READER
        )
    if role in SEES_CASES:
        wanted |= Q(
            content_type__app_label__in=("accounts", "refunds"),
            codename__startswith="view_",
        ) & ~Q(codename__in=NOT_FOR_EVERY_READER)
    for app, models in KEEPS.get(role, {}).items():
        codenames = [f"{action}_{model}" for action in ACTIONS for model in models]
        wanted |= Q(content_type__app_label=app, codename__in=codenames)
    return list(Permission.objects.filter(wanted))
