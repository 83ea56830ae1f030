"""`manage.py sandbox`: the payment gateway that `make run` pays through."""

import os
import signal
from argparse import ArgumentTypeError
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from refunds.gateways.sandbox.alipay.route import SETTINGS_PREFIX
from refunds.gateways.sandbox.keys import ensure_keys
from refunds.gateways.sandbox.live import live_signs
from refunds.gateways.sandbox.server import PortTaken, Sandbox


class Command(BaseCommand):
    help = "Serve the sandbox payment gateway to this machine. No real money moves."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=_port, default=8001)
        parser.add_argument("--control-port", type=_port, default=8002)
        parser.add_argument(
            "--state",
            type=Path,
            default=getattr(settings, "SANDBOX_DIR", Path("var/sandbox")),
            help="folder of the keys and the ledger (default: %(default)s)",
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
        try:
            with Sandbox(state, options["port"], options["control_port"]) as sandbox:
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


def _refuse_live(state: Path) -> None:
    named = {
        name: str(getattr(settings, name))
        for name in dir(settings)
        if name.startswith(SETTINGS_PREFIX)
    }
    environment = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(SETTINGS_PREFIX)
    }
    signs = live_signs({**environment, **named}, state_dir=state)
    if signs:
        raise CommandError(
            " ".join(["The sandbox doesn't start beside a real gateway.", *signs]),
            returncode=2,
        )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise ArgumentTypeError(f"{text!r} is no port: expected 0 to 65535.")
    return int(text)
