"""What every route answers, whatever its wire format. The interface of an adapter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Protocol, runtime_checkable

Parameters = dict[str, Any]


class Outcome(StrEnum):
    """What one exchange proves. Everything that is not proven is `UNKNOWN`.

    `FAILED`: nothing moved under this key and nothing can; only what a route finally
    says of a refund proves that. `REVERSED`: it went back, and came back to us.
    """

    SUCCEEDED = "succeeded"
    PROCESSING = "processing"
    NOT_SEEN = "not_seen"
    REJECTED = "rejected"
    FAILED = "failed"
    REVERSED = "reversed"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a call was rejected, or a refund failed; each has its own way on."""

    NOT_SENT = "not_sent"
    BALANCE = "balance"
    RATE = "rate"
    DATA = "data"
    CONFIG = "config"
    ROUTE_CLOSED = "route_closed"
    ALREADY_DONE = "already_done"
    NEEDS_PERSON = "needs_person"
    UNLISTED = "unlisted"


@dataclass(frozen=True)
class Payee:
    """The account that a bank transfer goes to. `bank_code`: BIC or CNAPS number."""

    holder: str
    number: str
    bank_name: str = ""
    bank_code: str = ""


@dataclass(frozen=True)
class Instruction:
    """What is to go back: minor units of `currency`, of one captured payment of `paid`
    minor units in all. `payee` where the route needs an account to send it to."""

    key: str
    trade_number: str
    amount: int
    currency: str
    reason: str
    paid: int
    payee: Payee | None = None


@dataclass(frozen=True)
class Result:
    """One exchange. `amount` (minor units), `currency`, `key` and `trade_number` are
    as the provider reported them, for comparison with our own. `provider_number`: the
    route's own, or better one by which the payer's bank finds it."""

    outcome: Outcome
    reason: Reason | None = None
    code: str = ""
    message: str = ""
    http_status: int | None = None
    provider_number: str = ""
    amount: int | None = None
    currency: str = ""
    key: str = ""
    trade_number: str = ""
    signature_ok: bool | None = None
    answer: str = ""


@dataclass(frozen=True)
class Capabilities:
    """What a route allows, and how it is asked.

    polls     the pauses before each query, the last one repeating
    watch     when a refund that succeeded is looked at again, from its success
    arrival   working days until the payer usually has it
    same_key  whether the same key may be sent again after a refusal for our balance
    quiet     since its last sending, before "not found" lets the same key go again
    by_file   sent as a bank file that a person takes along, not by calls
    most      refunds of one payment, None where there is no such limit
    """

    currencies: tuple[str, ...]
    window: timedelta | None
    spacing: timedelta
    polls: tuple[timedelta, ...]
    arrival: int
    watch: tuple[timedelta, ...] = ()
    same_key: bool = True
    quiet: timedelta = timedelta(0)
    by_file: bool = False
    most: int | None = None


@dataclass(frozen=True)
class Setting:
    """One thing that a merchant of this route has to be given, as the console asks for
    it. Secrets are kept sealed. `lines`: a PEM text and the like. `label` and `help`
    are words to translate."""

    name: str
    label: Any
    secret: bool = False
    lines: bool = False
    required: bool = True
    help: Any = ""


@dataclass(frozen=True)
class Access:
    """A merchant as its adapter sees it; secrets are plain here and nowhere else."""

    number: str
    address: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    timeout: float


@dataclass(frozen=True)
class Hint:
    """A verified notification. `claimed`: what it says happened, for comparison."""

    event_id: str
    key: str
    claimed: Outcome
    amount: int | None = None


class NotificationRefused(Exception):
    """Forged, stale, from the future, for somebody else: nothing of it is believed.

    `code` is one of bad_signature, stale, future, unknown_key, cannot_decrypt,
    wrong_merchant, unreadable.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Acknowledgement:
    """What a route wants to hear; anything else makes it send again."""

    status: int
    body: str
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Line:
    """One movement on a statement; minor units, `back` where money came back to us."""

    key: str
    provider_number: str
    trade_number: str
    amount: int
    currency: str
    at: datetime
    back: bool = False


class StatementMissing(Exception):
    """The route has no statement for that day yet, or does not answer."""


class StatementBroken(Exception):
    """The statement came, but can't be read, or its hash does not fit. `content` is
    what came."""

    def __init__(self, words: str, content: bytes = b"") -> None:
        super().__init__(words)
        self.content = content


class Gateway(Protocol):
    """What every route has. Adapters are made with an `Access`, and know nothing of
    our states. `settings` are what the console's form asks for."""

    capabilities: ClassVar[Capabilities]
    settings: ClassVar[tuple[Setting, ...]]

    def check(
        self, instruction: Instruction, *, paid_at: datetime, now: datetime
    ) -> list[Reason]:
        """Without a network: what makes this impossible to send, if anything."""

    def parameters(self, instruction: Instruction) -> Parameters:
        """What will be sent, as JSON; frozen with the key before the first call. Never
        an account number: an account is named by its fingerprint there."""

    def read_statement(self, content: bytes) -> list[Line]:
        """The movements of refunds; raises StatementBroken."""


@runtime_checkable
class OnlineGateway(Gateway, Protocol):
    """A route with an API."""

    def submit(self, parameters: Parameters, *, now: datetime) -> Result:
        """Exactly one network call, with explicit time-outs and no retry."""

    def query(self, parameters: Parameters, *, now: datetime) -> Result:
        """Asks by our own key; changes nothing at the provider."""

    def probe(self, *, now: datetime) -> Result:
        """The self-check: signs a harmless question and verifies the answer.
        `NOT_SEEN` is its success: signed, understood, and nothing there."""

    def parse_notification(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Hint | None:
        """None for a verified message about something else; raises
        NotificationRefused. `headers` has lower-case names."""

    def acknowledge(self) -> Acknowledgement:
        """The answer to a notification that was taken."""

    def fetch_statement(self, day: date, *, now: datetime) -> bytes:
        """A day's statement as it comes; raises StatementMissing, StatementBroken."""


@runtime_checkable
class Redirects(Protocol):
    """A route that parks what its payer's account does not take, and sends the same
    refund to another account of the payer's."""

    def redirect(
        self, parameters: Parameters, refund_id: str, payee: Payee, *, now: datetime
    ) -> Result:
        """Exactly one network call; `refund_id` is the route's own number."""


@runtime_checkable
class FileGateway(Gateway, Protocol):
    """A route by files: a batch goes out, answers come in."""

    def export(
        self, number: str, instructions: list[Instruction], *, now: datetime
    ) -> tuple[str, bytes]:
        """File name and bytes; the instructions in one currency, `number` its own."""

    def read_answer(self, content: bytes) -> tuple[str, list[Result]]:
        """The batch's number and what the bank says of each transfer, by `key`; raises
        StatementBroken."""
