"""Through the front door, as pages are measured: signed in, staff with their second
factor, static files by their plain names because nothing collected them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.test import Client, override_settings

from accounts.models import User
from accounts.second_factor import HAS_IT

PLAIN = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


@contextmanager
def doors_open() -> Iterator[None]:
    storages = {**settings.STORAGES, "staticfiles": PLAIN}
    with override_settings(
        ALLOWED_HOSTS=["testserver"], STORAGES=storages, SECURE_SSL_REDIRECT=False
    ):
        yield


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    if user.is_staff:
        session = client.session
        session[HAS_IT] = True
        session.save()
    return client
