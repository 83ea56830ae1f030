"""Invented contracts, services, payments, fees and usage."""

from datetime import date, timedelta

from tests.refunds.policy.oracle.dice import DAY, Dice, decimal, minor_units
from tests.refunds.policy.oracle.tables import Case

BILLINGS = {
    "live_streaming": {"term": 76.0, "metered": 20, "lessons": 2, "quantity": 2},
    "dedicated_line": {"term": 76.0, "metered": 20, "lessons": 2, "quantity": 2},
    "conference_sdk": {"term": 80.0, "metered": 18, "lessons": 1, "quantity": 1},
    "online_course": {"lessons": 90.0, "term": 8, "metered": 2},
    "quantity_package": {"quantity": 94.0, "term": 4, "metered": 2},
}
PRICES = (100, 1000, 50_000, 60_000, 200_000, 500_000, 600_000, 5_000_000)


def buy(dice: Dice, case: Case) -> None:
    """Adds the contract, the service and what was paid for it."""
    signed = dice.day()
    zone, currency = case["time_zone"], case["currency"]
    case["contract"] = {"signed_on": signed.isoformat()}
    if dice.chance(45):
        later = signed + timedelta(days=dice.randint(-3, 20))
        case["contract"]["effective_on"] = later.isoformat()
    case["service"] = _service(dice, signed, zone=zone, line=case["product_line"])
    case["payments"] = _payments(dice, signed, zone=zone, currency=currency)
    paid = sum(_minor(case, one["amount"]) for one in case["payments"])
    _limit(dice, case, paid)
    case["fees"] = [
        _fee(dice, below=max(2, paid // dice.choice((1, 3, 9))), currency=currency)
        for _ in range(dice.choice((0, 0, 0, 1, 1, 2)))
    ]
    case["usage"] = _usage(dice, case, paid)


def _minor(case: Case, text: str) -> int:
    return minor_units(text, currency=case["currency"])


def _service(dice: Dice, signed: date, *, zone: str, line: str) -> Case:
    start = dice.clock_time(signed + timedelta(days=dice.randint(-1, 12)), zone=zone)
    ends = signed + timedelta(days=dice.choice((-2, 1, 20, 61, 180, 365, 400)))
    begin = dice.nudge(start + dice.randint(0, 3) * DAY)
    due = signed + timedelta(days=dice.randint(0, 25))
    billing = dice.one(**BILLINGS[line])
    silent = 40 if line == "live_streaming" else 8
    return {
        "billing": billing,
        "activated_at": None if dice.chance(silent) else dice.written(start),
        "ends_on": None if dice.chance(6) else ends.isoformat(),
        "course_started_at": None if dice.chance(12) else dice.written(begin),
        "delivery_due_on": None if dice.chance(6) else due.isoformat(),
    }


def _payments(dice: Dice, signed: date, *, zone: str, currency: str) -> list[Case]:
    count = dice.choices((0, 1, 2, 3), (1, 70, 20, 9))[0]
    price = dice.choice(PRICES) * (100 if currency == "KWD" and dice.chance(20) else 1)
    return [
        _payment(dice, signed, price, zone=zone, currency=currency)
        for _ in range(count)
    ]


def _payment(dice: Dice, signed: date, price: int, *, zone: str, currency: str) -> Case:
    amount = dice.choice((price, price, price + 1, dice.randrange(1, price + 1)))
    kind = dice.one(nothing=72, some=21, all=7)
    refunded = {"nothing": 0, "all": amount, "some": dice.randrange(amount + 1)}[kind]
    day = signed + timedelta(days=dice.randint(-2, 8))
    return {
        "amount": decimal(amount, currency=currency),
        "refunded": decimal(refunded, currency=currency),
        "paid_at": dice.written(dice.clock_time(day, zone=zone)),
    }


def _limit(dice: Dice, case: Case, paid: int) -> None:
    names = {"minimum_commitment": 22, "refund_cap": 16, "refunded": 10, "net_paid": 12}
    for name, percent in names.items():
        if dice.chance(percent):
            case["contract"][name] = dice.near(paid, currency=case["currency"])


def _fee(dice: Dice, *, below: int, currency: str) -> Case:
    words = ("never", "before_activation", "always", dice.share())
    return {
        "name": "set-up",
        "amount": dice.money(below=below, currency=currency),
        "refundable": dice.choice(words),
    }


def _usage(dice: Dice, case: Case, paid: int) -> Case:
    billing = case["service"]["billing"]
    if dice.chance(3):
        billing = dice.choice(("term", "metered", "lessons", "quantity"))
    if dice.chance(22):
        return {}
    if billing == "metered":
        consumed = (
            0 if dice.chance(40) else dice.randrange(paid // dice.choice((1, 5, 9)) + 2)
        )
        if dice.chance(20):
            consumed = paid // dice.choice((5, 10))
        return {"consumed": decimal(consumed, currency=case["currency"])}
    if billing in ("lessons", "quantity"):
        total = dice.choice((1, 3, 7, 10, 16, 20, 1000))
        done = dice.choice(
            (0, 0, total // 10, total // 5, dice.randrange(total + 1), total + 1)
        )
        names = ("lessons_total", "lessons_used")
        names = names if billing == "lessons" else ("ordered", "delivered")
        return dict(zip(names, (total, done), strict=True))
    used = ("0", "0", "0", "0.0", "0.02", "0.1", "0.19999", "0.2", "1/3", "0.0999", "1")
    return {"share_used": dice.choice(used)}
