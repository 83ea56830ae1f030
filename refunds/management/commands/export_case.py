"""`manage.py export_case`: a request's whole file as a ZIP."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from accounts.models import User
from refunds.errors import RefundError
from refunds.models import RefundRequest
from refunds.pages.history import WORDS
from refunds.record.case_file import write_case_file


class Command(BaseCommand):
    help = "Write a request's whole file, with a manifest of hashes; it is recorded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", metavar="RF-…")
        parser.add_argument("--out", metavar="FILE", required=True)
        parser.add_argument(
            "--by", metavar="EMAIL", required=True, help="who may export it"
        )
        parser.add_argument(
            "--without-notes", action="store_true", help="for who is outside"
        )

    def handle(
        self,
        *args: Any,
        number: str,
        out: str,
        by: str,
        without_notes: bool,
        **options: Any,
    ) -> None:
        request = RefundRequest.objects.filter(number=number).first()
        if request is None:
            raise CommandError(f"There is no request {number}.")
        person = User.objects.filter(email=by.lower(), is_active=True).first()
        if person is None:
            raise CommandError(f"Nobody signs in as {by}.")
        self._write(Path(out), request, person, internal=not without_notes)
        self.stdout.write(f"{number} is in {out}.")

    def _write(
        self, path: Path, request: RefundRequest, by: User, *, internal: bool
    ) -> None:
        """A file that is there already is not written over; half of one is not left."""
        at = timezone.now()
        try:
            with path.open("xb") as file, translation.override(by.language):
                write_case_file(
                    file, request, by=by, at=at, words=WORDS, internal=internal
                )
        except FileExistsError:
            raise CommandError(f"{path} is there already. Name another file.") from None
        except (OSError, RefundError) as error:
            path.unlink(missing_ok=True)
            raise CommandError(f"Nothing was exported: {error}") from None
