"""Taking a case in hand and giving it back. Who is first, wins."""

from datetime import datetime

from accounts.models import User
from refunds.models import RefundRequest
from refunds.states import State
from refunds.step import step

TAKES = {
    State.SUBMITTED: "claim",
    State.EVALUATION: "take_up",
    State.APPEALED: "take_appeal",
}
GIVES_BACK = {
    State.PRELIMINARY_REVIEW: "release",
    State.EVALUATION: "put_down",
    State.APPEALED: "put_down",
}


def claim(request: RefundRequest, *, by: User, at: datetime) -> None:
    with step(request, TAKES.get(State(request.state), "claim"), by=by, at=at):
        pass


def release(request: RefundRequest, *, by: User, at: datetime) -> None:
    with step(request, GIVES_BACK.get(State(request.state), "release"), by=by, at=at):
        pass


def pass_on(request: RefundRequest, *, by: User, at: datetime, reason: str) -> None:
    with step(request, "pass_on", by=by, at=at, reason=reason):
        pass
