"""Presence: who has a case open just now. A lease, renewed by the page."""

from datetime import timedelta

from django.db import models

from accounts.models import User
from refunds.models.request import RefundRequest

LEASE = timedelta(seconds=30)


class Presence(models.Model):
    """Counts until `LEASE` after `seen_at`; then whoever it was has gone."""

    request = models.ForeignKey(
        RefundRequest, on_delete=models.CASCADE, related_name="presences"
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "user"], name="presence_once_per_person"
            )
        ]
        indexes = [models.Index(fields=["seen_at"], name="presence_by_time")]

    def __str__(self) -> str:
        return f"{self.request} · {self.user}"
