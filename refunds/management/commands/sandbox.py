"""`manage.py sandbox`: the payment gateway that `make run` pays through."""

import os
import signal
from argparse import ArgumentTypeError
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, connection
from django.urls import reverse

from accounts.sealed import SealBroken
from refunds.gateways.registry import secret_value
from refunds.gateways.sandbox.control import is_loopback
from refunds.gateways.sandbox.keys import ensure_keys
from refunds.gateways.sandbox.live import Known, live_signs
from refunds.gateways.sandbox.routes import all_merchants
from refunds.gateways.sandbox.server import PortTaken, Sandbox
from refunds.models import Merchant

TELLS = ("alipay", "wechat_pay", "stripe")


class Command(BaseCommand):
    help = "Serve the sandbox payment gateway to this machine. No real money moves."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=_port, default=8001)
        parser.add_argument("--control-port", type=_port, default=8002)
        parser.add_argument(
            "--state",
            type=Path,
            default=settings.SANDBOX_DIR,
            help="folder of the keys and the ledger (default: %(default)s)",
        )
        parser.add_argument(
            "--notify",
            type=_loopback,
            metavar="URL",
            help="where our web listens; the routes tell it of refunds",
        )
        parser.add_argument(
            "--keys-only", action="store_true", help="make the keys and exit"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        state: Path = options["state"]
        _refuse_live(state)
        if options["keys_only"]:
            ensure_keys(state)
            self.stdout.write(f"Sandbox: the keys are in {state}.")
            return
        sandbox = Sandbox(state, options["port"], options["control_port"])
        if options["notify"]:
            sandbox.notify.update(_endpoints(options["notify"], state))
        try:
            with sandbox:
                self._serve(sandbox)
        except PortTaken as error:
            raise CommandError(str(error), returncode=1) from error
        self.stdout.write("Sandbox: stopped.")

    def _serve(self, sandbox: Sandbox) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write(
            f"Sandbox: gateway on {sandbox.url}, control on {sandbox.control_url}, "
            f"keys and ledger in {sandbox.state_dir}. No real money moves."
        )
        self.stdout.flush()
        stop.wait()


def _endpoints(base: str, state: Path) -> dict[str, str]:
    """Each route's address at our web, for its merchant of the sandbox."""
    return {
        each.route: base.rstrip("/") + reverse("notify", args=[each.route, each.number])
        for each in all_merchants(state, url="")
        if each.route in TELLS
    }


def _refuse_live(state: Path) -> None:
    if not settings.PAYS_INTO_SANDBOX:
        raise CommandError(
            "PAYS_INTO_SANDBOX is false: this installation pays real money, and the "
            "sandbox doesn't start beside it. Set it to true, or DEBUG.",
            returncode=2,
        )
    signs = live_signs(
        environment=os.environ, merchants=_merchants_in_use(), state_dir=state
    )
    if signs:
        raise CommandError(
            " ".join(["The sandbox doesn't start beside a real gateway.", *signs]),
            returncode=2,
        )


def _merchants_in_use() -> list[Known]:
    """A database that isn't there, or is empty, is no sign of anything."""
    try:
        return list(_known())
    except Error:
        return []
    except (SealBroken, ImproperlyConfigured) as fault:
        raise CommandError(
            f"The merchants' secrets can't be read, so they may be live: {fault}.",
            returncode=2,
        ) from fault
    finally:
        if not connection.in_atomic_block:
            connection.close()


def _known() -> Iterator[Known]:
    for merchant in Merchant.objects.filter(enabled=True):
        yield Known(
            name=str(merchant),
            address=merchant.address,
            secrets={n: secret_value(text) for n, text in merchant.secrets.items()},
        )


def _loopback(text: str) -> str:
    if not is_loopback(text):
        raise ArgumentTypeError(
            f"{text!r} is not on this machine: expected http://127…"
        )
    return text


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise ArgumentTypeError(f"{text!r} is no port: expected 0 to 65535.")
    return int(text)
