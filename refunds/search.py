"""What a request is found by: its number, contract, customer, service, and the words
that the customer wrote.

Words of letters and digits count whole and are found by their beginning. Chinese has
no spaces, so its terms are pairs of neighbours, and the last character alone: a word of
two characters is one term, a longer one several, a single one the beginning of a pair.
"""

import re

from django.db import connection
from django.db.models import Q, QuerySet

from refunds.models import NumberSeries, RefundRequest, RequestWords
from refunds.states import State

# More of a long story than this adds nothing that anybody searches for.
MOST = 5000
# PostgreSQL takes no term of more than 2046 bytes, and nobody types one.
LONGEST = 200
# So many are looked up by their keys. What more have than that is found by walking the
# list: it stands in every few hundred rows.
RARE = 2000
BATCH = 1000
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
RUNS = re.compile(rf"([{HAN}]+)|([^\W_{HAN}]+(?:[-./_][^\W_{HAN}]+)*)")
PARTS = re.compile(r"[-./_]")
A_NUMBER = re.compile(r"rf(-\d{0,4}(-\d*)?)?", re.IGNORECASE)
ITS_END = re.compile(r"[0-9]{1,9}")


def terms(text: str) -> set[str]:
    """All that a text is found by."""
    found: set[str] = set()
    for han, word in RUNS.findall(text[:MOST].lower()):
        if han:
            found.update(_pairs(han), han[-1:])
        else:
            found.update(each[:LONGEST] for each in (word, *PARTS.split(word)))
    return found


def asked_for(text: str) -> list[str]:
    """The terms that something found by this text has, or beginnings of them."""
    asked: dict[str, None] = {}
    for han, word in RUNS.findall(text.lower()):
        asked.update(dict.fromkeys((_pairs(han) or [han]) if han else [word]))
    return list(asked)


def _pairs(han: str) -> list[str]:
    return [han[n : n + 2] for n in range(len(han) - 1)]


def found_by(requests: QuerySet[RefundRequest], text: str) -> QuerySet[RefundRequest]:
    """Those that the text finds: by the beginning of their number, or by every term;
    digits alone find the requests of any year with that number too."""
    text = text.strip()[:LONGEST]
    if A_NUMBER.fullmatch(text):
        return requests.filter(number__startswith=text.upper())
    asked = asked_for(text)
    if not asked:
        return requests.none()
    words = RequestWords.objects.filter(terms__begin_all=asked)
    rare = _first(words, RARE + 1)
    found = Q(pk__in=rare)
    if len(rare) > RARE:
        found = Q(search_words__terms__has_all=asked)
    numbered = _numbered(text)
    return requests.filter(found | Q(pk__in=numbered) if numbered else found)


def _first(words: QuerySet[RequestWords], most: int) -> list[int]:
    """Their keys. PostgreSQL, told at once how few are wanted, reads the table from its
    beginning until it has them; planned as a whole it asks the index."""
    sql, params = words.values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH found AS MATERIALIZED ({sql}) SELECT * FROM found LIMIT %s",
            (*params, most),
        )
        return [key for (key,) in cursor.fetchall()]


def _numbered(text: str) -> list[int]:
    """The keys of RF-2026-000123, and of other years, for "123" or "000123"."""
    if not ITS_END.fullmatch(text):
        return []
    years = NumberSeries.objects.filter(last__gte=int(text))
    numbers = [f"RF-{each.year}-{int(text):06d}" for each in years]
    found = RefundRequest.objects.filter(number__in=numbers)
    return list(found.values_list("pk", flat=True))


def words_of(request: RefundRequest) -> RequestWords:
    """With its contract, customer and service at hand."""
    told = (
        request.contract.number,
        request.customer.name,
        request.service.name,
        request.description,
    )
    found = set().union(*map(terms, told))
    return RequestWords(request=request, terms=" ".join(sorted(found)))


def reindex(requests: QuerySet[RefundRequest]) -> int:
    """Anew, batch by batch, after what they are found by was renamed; drafts are not
    found at all. How many there were."""
    sent = requests.exclude(state=State.DRAFT).order_by("pk")
    rows = sent.select_related("contract", "customer", "service")
    after = done = 0
    while batch := list(rows.filter(pk__gt=after)[:BATCH]):
        RequestWords.objects.bulk_create(
            map(words_of, batch),
            update_conflicts=True,
            unique_fields=["request"],
            update_fields=["terms"],
        )
        after, done = batch[-1].pk, done + len(batch)
    return done


def index(request: RefundRequest) -> None:
    """Once sent it can be found."""
    words = words_of(request)
    RequestWords.objects.update_or_create(
        request=request, defaults={"terms": words.terms}
    )
