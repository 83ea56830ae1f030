"""Writes a version of a policy as a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import ProductLine
from refunds.models import Policy, PolicyVersion
from refunds.policies.files import as_bytes


class Command(BaseCommand):
    help = "Write a policy as JSON: the version in force today, or the named one."

    def create_parser(self, *args: Any, **options: Any) -> CommandParser:
        """Django's own --version gives way to the policy's."""
        return super().create_parser(*args, conflict_handler="resolve", **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("line", metavar="LINE", choices=ProductLine.values)
        parser.add_argument("--version", type=int, metavar="N")
        parser.add_argument(
            "file", metavar="FILE", nargs="?", help="standard output without it"
        )

    def handle(
        self,
        *args: Any,
        line: str,
        version: int | None,
        file: str | None,
        **options: Any,
    ) -> None:
        content = as_bytes(_version(line, version))
        if file is None:
            self.stdout.write(content.decode(), ending="")
            return
        try:
            Path(file).write_bytes(content)
        except OSError as error:
            raise CommandError(f"Nothing was written: {error}") from None


def _version(line: str, number: int | None) -> PolicyVersion:
    policy = Policy.objects.filter(product_line=line).first()
    if policy is None:
        raise CommandError(f"There is no policy of {line}; `migrate` brings it in.")
    if number is None:
        found = policy.in_force(timezone.localdate())
    else:
        found = policy.versions.filter(version=number).first()
    if found is None:
        known = ", ".join(str(v.version) for v in policy.versions.order_by("version"))
        raise CommandError(f"There is no such version of {line}. Known: {known}.")
    return found
