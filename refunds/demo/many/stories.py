"""The ways a request goes, each from its submission to an end; today may come first."""

from datetime import timedelta
from typing import Any

from accounts.models import Role
from refunds.demo.many import words
from refunds.demo.many.life import Life, Present
from refunds.demo.many.money import pay
from refunds.models import Compensation, Offer
from refunds.states import State

GOODWILL = "客户长期合作，按比例给予补偿。"
DECLINED = "按照合同与退款政策，本次申请不符合退款条件。"
INCOMPLETE = "材料不完整，无法核实。"


def tell(life: Life, *, threshold: int, below: int) -> None:
    """`threshold`: above it a second person looks. `below`: what is paid by itself."""
    try:
        _whole(life, threshold, below)
    except Present:
        return


def _whole(life: Life, threshold: int, below: int) -> None:
    _submitted(life)
    amount = life.answered.answer.amount or 0
    automatic = life.answered.answer.automatic and 0 < life.asked <= amount
    if automatic and life.asked <= threshold and life.dice.random() < 0.8:
        _agreed_automatically(life)
        pay(life, below=below)
        return
    if life.dice.random() < 0.04:
        life.passes(life.dice.uniform(1, 20))
        life.move("withdraw", State.WITHDRAWN, by=life.client.user)
        return
    first = _first_check(life)
    if life.dice.random() < 0.03:
        _rejected(life, first, "incomplete", INCOMPLETE)
        _after_rejection(life, threshold, below, came_from=State.PRELIMINARY_REVIEW)
        return
    life.works(6)
    life.handler = None
    life.move("pass_on", State.EVALUATION, by=first)
    _evaluated(life, threshold, below, amount)


def _submitted(life: Life) -> None:
    life.move(
        "submit",
        State.SUBMITTED,
        by=life.client.user,
        assessment=life.assessment,
        channel="form",
        amount_asked=life.asked,
        currency="CNY",
        ground=life.answered.facts.ground,
        evidence=[],
    )


def _agreed_automatically(life: Life) -> None:
    life.passes(0.005)
    life.needs(timedelta(minutes=5))
    _holds_out(life)
    _agree(life, life.asked)
    life.move(
        "agree_automatically",
        State.AGREED,
        assessment=life.assessment,
        amount=life.asked,
    )


def _first_check(life: Life) -> int:
    life.works(14)
    first = life.staff.one(Role.FIRST_LINE, life.dice)
    life.needs(timedelta(0))
    life.handler = first
    life.move("claim", State.PRELIMINARY_REVIEW, by=first)
    if life.dice.random() < 0.18:
        life.works(3)
        _asked_for_more(life, first, State.PRELIMINARY_REVIEW)
    return first


def _asked_for_more(life: Life, by: int, came_from: str) -> None:
    chinese = life.client.chinese
    question = words.said(life.dice, words.QUESTIONS, chinese=chinese)
    life.says(question, by=by)
    life.columns["came_from"] = str(came_from)
    life.move("ask_for_information", State.AWAITING_INFORMATION, by=by, reason=question)
    if life.dice.random() < 0.2:
        _lapses(life)
    life.passes(life.dice.uniform(3, 110))
    answer = words.said(life.dice, words.ANSWERS, chinese=chinese)
    life.says(answer, by=life.client.user)
    life.move("supply_information", came_from, by=life.client.user)


def _lapses(life: Life) -> None:
    life.until_due()
    life.needs(timedelta(0))
    life.columns |= {"lapsed_from": str(life.state), "lapsed_at": life.at}
    life.move("lapse", State.LAPSED)
    raise Present


def _evaluated(life: Life, threshold: int, below: int, amount: int) -> None:
    life.works(20)
    evaluator = life.staff.one(Role.EVALUATOR, life.dice)
    life.needs(timedelta(0))
    life.handler = evaluator
    life.move("take_up", State.EVALUATION, by=evaluator)
    if life.dice.random() < 0.3:
        life.works(3)
        life.says(life.dice.choice(words.NOTES), by=evaluator, internal=True)
    if life.dice.random() < 0.08:
        life.works(4)
        _asked_for_more(life, evaluator, State.EVALUATION)
    life.works(16)
    if amount:
        due = min(amount, life.asked)
        _proposed(life, evaluator, due, due, threshold)
        _answered(life, threshold, below)
        return
    code = life.answered.answer.denied or "not_proven"
    _rejected(life, evaluator, code, DECLINED)
    _after_rejection(life, threshold, below, came_from=State.EVALUATION)


def _rejected(life: Life, by: int, code: str, why: str) -> None:
    life.works(2)
    life.needs(timedelta(0))
    life.columns |= {
        "came_from": str(life.state),
        "rejection_code": code,
        "rejection_words": why,
    }
    life.move("reject", State.REJECTED, by=by, reason=why, code=code)


def _after_rejection(life: Life, threshold: int, below: int, *, came_from: str) -> None:
    chance, owner = life.dice.random(), life.client.user
    if chance < 0.1:
        life.passes(life.dice.uniform(10, 100))
        life.needs(timedelta(0))
        life.columns["new_evidence_used"] = True
        life.says("补充新的监测报告，请重新核实。", by=owner)
        life.move("bring_new_evidence", came_from, by=owner, reason="补充新证据。")
        life.works(12)
        by = life.handler or owner
        _rejected(life, by, "not_ours", DECLINED)
    elif chance < 0.4:
        _appealed(life, owner)
        _decided_anew(life, threshold, below)
        return
    life.until_due()
    life.move("close", State.CLOSED)


def _appealed(life: Life, owner: int) -> None:
    life.passes(life.dice.uniform(10, 120))
    life.needs(timedelta(0))
    life.columns["came_from"], life.handler = str(life.state), None
    why = "不同意处理结果，请由其他人员复核。"
    life.says(why, by=owner)
    life.move("appeal", State.APPEALED, by=owner, reason=why)


def _judge(life: Life) -> int:
    """Somebody who had no part in it so far."""
    life.works(16)
    judge = life.staff.one(Role.EVALUATOR, life.dice, but=life.parts)
    life.needs(timedelta(0))
    life.handler = judge
    life.move("take_appeal", State.APPEALED, by=judge)
    life.works(14)
    life.needs(timedelta(0))
    life.columns["appeal_used"] = True
    return judge


def _decided_anew(life: Life, threshold: int, below: int) -> None:
    judge = _judge(life)
    if life.dice.random() < 0.7:
        life.columns["rejection_words"] = DECLINED
        life.says(DECLINED, by=judge)
        life.move("reject_finally", State.REJECTED_FINALLY, by=judge, reason=DECLINED)
        return
    why = "申诉成立，重新评估。"
    life.says(why, by=judge)
    life.move("uphold_appeal", State.EVALUATION, by=judge, reason=why)
    life.works(10)
    goodwill = min(life.asked, life.paid.amount // 10)
    _proposed(life, judge, goodwill, None, threshold, departs=True)
    _answered(life, threshold, below)


def _proposed(
    life: Life,
    by: int,
    amount: int,
    due: int | None,
    threshold: int,
    *,
    departs: bool = False,
) -> None:
    """One offer in twelve brings an extension of the service beside the money."""
    beside = not departs and life.dice.random() < 0.08
    departs = departs or beside
    second = departs or amount > threshold
    life.needs(timedelta(0))
    offer, proposed_at = life.ids.next(Offer), life.at
    reason = GOODWILL if departs else ""
    extension = str(Offer.Alternative.EXTENSION) if beside else ""
    what = {
        "alternative": extension,
        "alternative_words": "延长服务十五天" if beside else "",
    }
    data: dict[str, Any] = {"offer": offer, "amount": amount, "due": due}
    data |= {"departs": departs, "assessment": life.assessment}
    data |= {**what, "instead": False} if beside else {}
    approved: dict[str, object] = {"approved_by_id": None, "approved_at": None}
    _holds_out(life)
    life.columns["offer"] = (offer, amount, extension)
    target = State.PENDING_APPROVAL if second else State.OFFERED
    try:
        life.move(
            "propose" if second else "offer", target, by=by, reason=reason, **data
        )
        if second:
            life.works(9)
            approver = life.staff.one(Role.APPROVER, life.dice, but={by})
            life.move("approve", State.OFFERED, by=approver, offer=offer, amount=amount)
            approved = {"approved_by_id": approver, "approved_at": life.at}
    finally:
        life.rows.add(
            Offer,
            id=offer,
            request_id=life.pk,
            assessment_id=life.assessment,
            amount=amount,
            departs=departs,
            **what,
            instead=False,
            reason=reason,
            proposed_by_id=by,
            proposed_at=proposed_at,
            **approved,
        )


def _holds_out(life: Life) -> None:
    life.rows.add(
        Compensation,
        request_id=life.pk,
        service_id=life.paid.service,
        given=life.answered.given,
        at=life.at,
    )


def _answered(life: Life, threshold: int, below: int) -> None:
    chance, owner = life.dice.random(), life.client.user
    if chance < 0.08:
        _lapses(life)
    if chance < 0.16 and not life.columns.get("appeal_used"):
        _appealed(life, owner)
        judge = _judge(life)
        why = "方案符合政策，维持原方案。"
        life.says(why, by=judge)
        life.move("let_offer_stand", State.OFFERED, by=judge, reason=why)
    life.passes(life.dice.uniform(1, 120))
    offer, amount, extension = life.columns["offer"]
    life.needs(timedelta(0))
    _agree(life, amount, extension)
    more = {"choice": "", "alternative": extension} if extension else {}
    if not life.keeps_service:
        more["service_ended_at"] = str(life.submitted_at)
    life.move("accept", State.AGREED, by=owner, offer=offer, amount=amount, **more)
    pay(life, beside=bool(extension), below=below)
    if extension and life.state == State.FULFILLING:
        _fulfilled(life)


def _agree(life: Life, amount: int, alternative: str = "") -> None:
    life.columns |= {
        "agreed_amount": amount,
        "agreed_alternative": alternative,
        "agreed_at": life.at,
    }


def _fulfilled(life: Life) -> None:
    life.works(24)
    by = life.staff.one(Role.EVALUATOR, life.dice)
    life.needs(timedelta(0))
    done = "服务已延长十五天。"
    life.columns["alternative_done"] = True
    life.says(done, by=by)
    life.move("fulfil", State.FULFILLED, by=by, reason=done)
