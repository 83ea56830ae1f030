"""User: a customer's person or a member of staff, signing in by email."""

from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractUser, BaseUserManager, Group
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(models.TextChoices):
    """What a member of staff may do; each is a Django group of that name."""

    FIRST_LINE = "first_line", _("First-line reviewer")
    EVALUATOR = "evaluator", _("Evaluator")
    APPROVER = "approver", _("Approver")
    ADMINISTRATOR = "administrator", _("Administrator")
    FINANCE = "finance", _("Finance")
    POLICY_EDITOR = "policy_editor", _("Policy editor")
    AUDITOR = "auditor", _("Auditor")
    ACCOUNT_MANAGER = "account_manager", _("Account manager")
    SUPPORT_AGENT = "support_agent", _("Support agent")
    EXPERT = "expert", _("Expert")


class Rights(NamedTuple):
    """Names of roles, and permissions as "app.codename"."""

    roles: frozenset[str]
    permissions: frozenset[str]


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        return self.create_user(
            email, password, is_staff=True, is_superuser=True, **fields
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractUser):
    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("email"), unique=True)
    name = models.CharField(pgettext_lazy("person", "name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    # Off where single keys get in somebody's way: speech input, for one (WCAG 2.1.4).
    single_keys = models.BooleanField(_("keyboard shortcuts"), default=True)
    superior = models.ForeignKey(
        "self",
        verbose_name=_("superior"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="reports",
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()  # type: ignore[misc, assignment]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def rights(self) -> "Rights":
        """Asked once for a page, roles and permissions together."""
        rows = self.groups.values_list(
            "name", "permissions__content_type__app_label", "permissions__codename"
        )
        found = list(rows)
        return Rights(
            frozenset(name for name, _app, _codename in found),
            frozenset(f"{app}.{codename}" for _name, app, codename in found),
        )

    @property
    def roles(self) -> frozenset[str]:
        """The roles of an active member of staff; being a superuser gives none."""
        if not (self.is_active and self.is_staff):
            return frozenset()
        return self.rights.roles

    def has_role(self, role: Role) -> bool:
        return role in self.roles

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class Lead(models.Model):
    """Who answers for what nobody of a role has claimed yet."""

    role = models.OneToOneField(
        Group, verbose_name=_("role"), on_delete=models.CASCADE, related_name="lead"
    )
    user = models.ForeignKey(User, verbose_name=_("lead"), on_delete=models.PROTECT)

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")

    def __str__(self) -> str:
        return f"{self.role}: {self.user}"


class Absence(models.Model):
    """Who stands in for a member of staff, from the first day through the last."""

    user = models.ForeignKey(
        User,
        verbose_name=pgettext_lazy("absence", "absent"),
        on_delete=models.CASCADE,
        related_name="absences",
    )
    deputy = models.ForeignKey(
        User, verbose_name=_("deputy"), on_delete=models.PROTECT, related_name="+"
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")),
                name="absence_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=~models.Q(deputy=models.F("user")),
                name="absence_has_another_deputy",
            ),
        ]
        indexes = [models.Index(fields=["last_day"], name="absence_by_last_day")]

    def __str__(self) -> str:
        return f"{self.user} · {self.first_day} – {self.last_day}"
