"""RequestWords: what a request can be found by. SavedFilter: a view of the queue that
somebody keeps. CannedReply: words that reviewers need again and again."""

from typing import Any

from django.db import models
from django.db.models.lookups import Lookup
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.models.request import RefundRequest


class RequestWords(models.Model):
    """The terms of `refunds.search`, parted by single spaces, in no order.

    On PostgreSQL an index of lexemes made of them answers; it needs no dictionary, so
    that Chinese is found as well as English, in whatever locale the server runs.
    """

    request = models.OneToOneField(
        RefundRequest,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="search_words",
    )
    terms = models.TextField()

    def __str__(self) -> str:
        return f"{self.request_id}"


LEXEMES = "array_to_tsvector(string_to_array({}, ' '))"


class EachTerm(Lookup):
    """Some term begins with each of those asked for."""

    def get_prep_lookup(self) -> list[str]:
        return list(self.rhs)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return self._looked_through("instr", compiler, connection)

    def _looked_through(
        self, function: str, compiler: Any, connection: Any
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        each = f"{function}(' ' || {column}, %s) > 0"
        terms = [value for term in self.rhs for value in (*params, f" {term}")]
        return " AND ".join([each] * len(self.rhs)), tuple(terms)


@models.TextField.register_lookup
class BeginAll(EachTerm):
    """`terms__begin_all=["outage", "中断"]`: the index answers, for what is rare."""

    lookup_name = "begin_all"

    def as_postgresql(
        self, compiler: Any, connection: Any
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        query = " & ".join(f"'{_quoted(term)}':*" for term in self.rhs)
        return f"{LEXEMES.format(column)} @@ %s::tsquery", (*params, query)


@models.TextField.register_lookup
class HasAll(EachTerm):
    """`terms__has_all=…`: row by row, for what stands in many of them anyway."""

    lookup_name = "has_all"

    def as_postgresql(
        self, compiler: Any, connection: Any
    ) -> tuple[str, tuple[Any, ...]]:
        return self._looked_through("strpos", compiler, connection)


def _quoted(term: str) -> str:
    return term.replace("\\", "\\\\").replace("'", "''")


class SavedFilter(models.Model):
    """`query` is the queue's own query string."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="saved_filters"
    )
    name = models.CharField(pgettext_lazy("filter", "name"), max_length=60)
    query = models.CharField(max_length=500)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"], name="saved_filter_once_per_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class CannedReply(models.Model):
    """Fills the box, never sends; in the customer's language."""

    title = models.CharField(_("title"), max_length=80, unique=True)
    words_en = models.TextField(_("English words"))
    words_zh = models.TextField(_("Chinese words"))
    retired = models.BooleanField(_("retired"), default=False)

    class Meta:
        verbose_name = _("canned reply")
        verbose_name_plural = _("canned replies")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    def words(self, language: str = "") -> str:
        """In that language; without one, in the reader's."""
        chinese = (language or get_language() or "").startswith("zh")
        return self.words_zh if chinese else self.words_en
