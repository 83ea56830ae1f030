"""A mail server on loopback that can be as bad as they come."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from threading import Event, Thread
from typing import Any


@dataclass
class MailServer:
    """What it does to whom: by the address, in words. Nothing is said twice.

    A code and words   its answer to the recipient, such as "550 no such user"
    drops              in the middle of the mail the connection is gone
    drops after        it has taken the mail, but the answer never arrives
    hangs              it says nothing more
    """

    port: int = 0
    does: dict[str, str] = field(default_factory=dict)
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    stopped: Event = field(default_factory=Event)

    def takes(self, address: str, content: bytes) -> None:
        found = message_from_bytes(content, policy=SMTP)
        assert isinstance(found, EmailMessage)
        self.taken.append((address, found))

    @property
    def reached(self) -> list[str]:
        return sorted(address for address, _mail in self.taken)

    def ids(self, address: str) -> list[str]:
        return [str(mail["Message-ID"]) for to, mail in self.taken if to == address]


class Conversation(socketserver.StreamRequestHandler):
    """One client, as far as RFC 5321 is needed here."""

    server: "Listener"

    def handle(self) -> None:
        with suppress(OSError):
            self.say("220 test")
            self.talk()

    def talk(self) -> None:
        house, to = self.server.house, ""
        for line in iter(self.rfile.readline, b""):
            verb = line[:4].upper()
            if verb == b"RCPT":
                to = line.decode().partition("<")[2].partition(">")[0]
                told = house.does.get(to, "")
                self.say(told if told[:1].isdigit() else "250 ok")
            elif verb == b"DATA":
                if not self.take(to, house.does.get(to, "")):
                    return
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def take(self, to: str, does: str) -> bool:
        """Whether the conversation goes on."""
        self.say("354 go on")
        if does == "hangs":
            self.server.house.stopped.wait(10)
        if does in ("hangs", "drops"):
            return False
        lines = iter(self.rfile.readline, b".\r\n")
        self.server.house.takes(to, b"".join(lines))
        if does == "drops after":
            return False
        self.say("250 taken")
        return True

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True

    def __init__(self, house: MailServer) -> None:
        self.house = house
        super().__init__(("127.0.0.1", house.port), Conversation)
        house.port = self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        raise  # noqa: PLE0704 - the error under way: pytest shows it


@contextmanager
def listening(house: MailServer) -> Iterator[MailServer]:
    """On its port, or a free one the first time."""
    house.stopped.clear()
    with Listener(house) as listener:
        thread = Thread(target=listener.serve_forever, args=(0.01,))
        thread.start()
        yield house
        house.stopped.set()
        listener.shutdown()
        thread.join()
