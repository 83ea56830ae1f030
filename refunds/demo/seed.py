"""Fills an empty database with the demo."""

from datetime import datetime, timedelta
from io import BytesIO

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction
from PIL import Image, ImageDraw

from accounts.models import Customer, Lead, Membership, Role, Service, User
from refunds.demo.people import PEOPLE, customer, join, user_for
from refunds.demo.replies import ensure_replies
from refunds.demo.services import (
    consumers_course,
    course,
    down_since_days,
    line_below_its_level,
    outage_last_month,
    package_delivered_short,
    sdk_below_its_level,
)
from refunds.filing.drafts import draft_for, save_draft
from refunds.filing.evidence import add_evidence
from refunds.filing.submit import submit
from refunds.gateways.sandbox.ledger import Ledger
from refunds.models import Evidence, Ground


@transaction.atomic
def seed(*, at: datetime, password: str, ledger: Ledger) -> None:
    hashed = make_password(password)
    users = {
        person.email: user_for(person, password, hashed=hashed) for person in PEOPLE
    }
    lead = users["lead@makegood.example"]
    for role in Role:
        Lead.objects.create(role=Group.objects.get(name=role.value), user=lead)
    User.objects.filter(is_staff=True).exclude(pk=lead.pk).update(superior=lead)
    xinghe = customer("星河传媒有限公司", users["zhoujie@makegood.example"])
    harbour = customer("Harbour Learning", language="en")
    join(users["lina@xinghe.example"], xinghe, Membership.Role.OWNER)
    join(users["wangfang@xinghe.example"], xinghe, Membership.Role.MEMBER)
    join(users["sam@harbour.example"], harbour, Membership.Role.OWNER)
    ensure_replies()
    reviewer = users["wanglei@makegood.example"]
    down_since_days(xinghe, reviewer, at=at, ledger=ledger)
    forgotten = outage_last_month(xinghe, reviewer, at=at, ledger=ledger)
    _file_and_forget(forgotten, users["lina@xinghe.example"], at=at)
    course(harbour, at=at, ledger=ledger)
    line_below_its_level(xinghe, at=at, ledger=ledger)
    package_delivered_short(xinghe, at=at, ledger=ledger)
    sdk_below_its_level(harbour, at=at, ledger=ledger)
    mei = customer("林小梅", kind=Customer.Kind.INDIVIDUAL)
    join(users["mei@example.example"], mei, Membership.Role.OWNER)
    consumers_course(mei, at=at, ledger=ledger)


def _file_and_forget(service: Service, owner: User, *, at: datetime) -> None:
    """A request that nobody touches: its first check is overdue."""
    filed = at - timedelta(days=9)
    draft = draft_for(service, by=owner)
    draft.ground = Ground.OUTAGE
    draft.keep_service = True
    draft.description = "线路中断超过三天，期间三场直播全部取消。"
    draft.amount_asked = 300_00
    save_draft(draft)
    add_evidence(
        draft,
        content=_picture(),
        name="监控截图.jpg",
        kind=Evidence.Kind.FAULT_LOG,
        by=owner,
        at=filed,
    )
    submit(draft, by=owner, at=filed)


def _picture() -> bytes:
    """A plausible monitoring chart, drawn here: no file to ship."""
    image = Image.new("RGB", (960, 420), "#f5f7f6")
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 40, 920, 360), outline="#74827e")
    draw.line(
        [(60, 90), (300, 90), (302, 350), (640, 350), (642, 90), (920, 90)],
        fill="#c2332b",
        width=4,
    )
    draw.text((60, 375), "ingest availability, 5 min average", fill="#16211f")
    out = BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()
