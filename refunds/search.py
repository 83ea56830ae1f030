"""What a request is found by: its number, contract, customer, service, and the words
that the customer wrote.

Words of letters and digits count whole and are found by their beginning. Chinese has
no spaces, so its terms are pairs of neighbours, and the last character alone: a word of
two characters is one term, a longer one several, a single one the beginning of a pair.
"""

import re

from django.db.models import QuerySet

from refunds.models import RefundRequest, RequestWords

# More of a long story than this adds nothing that anybody searches for.
MOST = 5000
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
RUNS = re.compile(rf"([{HAN}]+)|([^\W_{HAN}]+(?:[-./_][^\W_{HAN}]+)*)")
PARTS = re.compile(r"[-./_]")
A_NUMBER = re.compile(r"rf-\d{0,4}(-\d*)?", re.IGNORECASE)


def terms(text: str) -> set[str]:
    """All that a text is found by."""
    found: set[str] = set()
    for han, word in RUNS.findall(text[:MOST].lower()):
        if han:
            found.update(_pairs(han), han[-1:])
        else:
            found.update((word, *PARTS.split(word)))
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
    """Those that the text finds: by the beginning of their number, or by every term."""
    text = text.strip()
    if A_NUMBER.fullmatch(text):
        return requests.filter(number__startswith=text.upper())
    asked = asked_for(text)
    if not asked:
        return requests.none()
    return requests.filter(search_words__terms__begin_all=asked)


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


def index(request: RefundRequest) -> None:
    """Once sent it can be found."""
    words = words_of(request)
    RequestWords.objects.update_or_create(
        request=request, defaults={"terms": words.terms}
    )
