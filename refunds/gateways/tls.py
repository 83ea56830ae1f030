"""Whom the routes are believed. Reading the certificates costs a tenth of a second:
once for all merchants."""

from functools import cache
from ssl import SSLContext

import httpx


@cache
def trusted() -> SSLContext:
    return httpx.create_ssl_context()
