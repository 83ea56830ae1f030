"""Reads a policy from a file, as a draft."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from refunds.errors import RefundError
from refunds.policies.files import LARGEST, import_file


class Command(BaseCommand):
    help = "Make a draft of a policy file; a policy editor publishes it in the console."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument(
            "--by", metavar="EMAIL", required=True, help="a policy editor"
        )

    def handle(self, *args: Any, file: str, by: str, **options: Any) -> None:
        editor = User.objects.filter(email=by.lower()).first()
        if editor is None:
            raise CommandError(f"Nobody signs in as {by}.")
        try:
            with Path(file).open("rb") as opened:
                content = opened.read(LARGEST + 1)
            draft = import_file(content, by=editor, at=timezone.now())
        except (OSError, RefundError) as error:
            raise CommandError(f"Nothing was imported: {error}") from None
        self.stdout.write(
            f"Version {draft.version} of {draft.policy.product_line} is a draft now."
        )
