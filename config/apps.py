"""Django's admin, with our site in its place."""

from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    default_site = "config.console.ConsoleSite"
