"""The one settings file. What differs between machines comes from the environment."""

from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from dotenv import load_dotenv

from config.env import env_bool, env_int, env_list, env_str, env_url

BASE_DIR = Path(__file__).resolve().parent.parent
load_dotenv(BASE_DIR / ".env")
VAR_DIR = Path(env_str("VAR_DIR", str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

SECRET_KEY = env_str("SECRET_KEY")
DEBUG = env_bool("DEBUG", "false")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1")
WEB_PORT = env_int("WEB_PORT", "8000")
SANDBOX_PORT = env_int("SANDBOX_PORT", "8001")
SITE_URL = env_url(
    "SITE_URL", f"http://127.0.0.1:{WEB_PORT}", schemes=("http", "https")
)
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "accounts",
    "refunds",
    "config.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "csp",
    "import_export",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.limits.LimitsMiddleware",
    "accounts.second_factor.SecondFactorMiddleware",
    "accounts.seen.SeenMiddleware",
    "config.headers.PermissionsPolicyMiddleware",
    "config.headers.OwnPagesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "refunds.pages.context.shell",
            ],
        },
    },
]


def database(url: str) -> dict[str, Any]:
    """PostgreSQL, or SQLite where writers queue instead of failing."""
    settings: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60))
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        settings["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # Recursive triggers make REPLACE ask the triggers of what it replaces.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
            "PRAGMA recursive_triggers=ON;",
        }
    return settings


DATABASES = {
    "default": database(
        env_url(
            "DATABASE_URL",
            f"sqlite:///{VAR_DIR / 'makegood.sqlite3'}",
            schemes=("postgresql", "postgres", "sqlite"),
        )
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
# One alone: two of them would compare a wrong password twice where the address exists,
# and the time would tell.
AUTHENTICATION_BACKENDS = ["accounts.rights.RightsBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# A new address takes the old one's place once it is confirmed.
ACCOUNT_CHANGE_EMAIL = True
# An open session alone changes neither the address nor the second factor.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Failures count by address and place together (accounts/adapters.py, sign_in.py): they
# shut out who fails, never whose address it is. Many in one office share an address.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "30/m/ip,5/5m/key",
    "second_factor_day": "100/d/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/10m/key",
    "reset_password_from_key": "20/m/ip",
}
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
MFA_TOTP_ISSUER = "Makegood"
# Clocks of telephones go wrong by a few seconds.
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "accounts.sign_in.CodeAtSignIn",
    "reauthenticate": "accounts.sign_in.CodeAgain",
    "activate_totp": "accounts.sign_in.FirstCode",
}
# How many proxies of ours stand before this server: whose address counts is theirs.
ALLAUTH_TRUSTED_PROXY_COUNT = env_int("TRUSTED_PROXIES", "0")

# How often a minute one person may ask (accounts/limits.py); a person in a hurry, and
# a whole office behind one address, stay well below.
RATE_LIMITS = {
    "policy": 240,
    "policy_version": 240,
    "calculator": 240,
    "calculator_parts": 480,
    "notify": 1200,
    "set_language": 120,
    "draft": 240,
    "autosave": 240,
    "upload": 120,
    "remove_file": 120,
    "check_draft": 60,
    "ask": 60,
    "message": 30,
    "add": 60,
    "answer": 60,
    "accept": 30,
    "complain": 30,
    "payout_account": 60,
    "members_of": 60,
    "invite_again": 10,
    "invitation": 60,
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale_vendor"]
TIME_ZONE = "Asia/Shanghai"
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
WHITENOISE_USE_FINDERS = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
    # Never under a public folder: evidence is served by permission only.
    "evidence": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "evidence", "base_url": None},
    },
}
# Three files of 5 MiB and the form around them.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_URL.startswith("https://")
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Customers; staff say again who they are after a working day (second_factor.py).
SESSION_COOKIE_AGE = 14 * 24 * 60 * 60
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE
if ALLAUTH_TRUSTED_PROXY_COUNT:
    # The outermost proxy speaks TLS, and writes this header whoever asks.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000 if SESSION_COOKIE_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SESSION_COOKIE_SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}

EMAIL_BACKEND = env_str(
    "EMAIL_BACKEND",
    "django.core.mail.backends."
    + ("filebased.EmailBackend" if DEBUG else "smtp.EmailBackend"),
)
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_HOST = env_str("EMAIL_HOST", "localhost")
EMAIL_PORT = env_int("EMAIL_PORT", "25")
EMAIL_HOST_USER = env_str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env_str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", "false")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env_str("DEFAULT_FROM_EMAIL", "Makegood <refunds@localhost>")

REDIS_URL = env_url("REDIS_URL", "", schemes=("redis", "rediss", "unix"))
BROKER_DIR = VAR_DIR / "broker"
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "visibility_timeout": 600,
        "unacked_restore_throttle": 1,
    }
    CACHES: dict[str, Any] = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
        }
    }
else:
    for _folder in ("messages", "control"):
        (BROKER_DIR / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost/"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
    }
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": VAR_DIR / "cache",
            # Failed sign-ins are counted here: never thrown out for room.
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    }

# What is kept sealed (keys of the routes, account numbers) opens with these, newest
# first. They are not the SECRET_KEY: that may change any day.
SEALING_KEYS = env_list("SEALING_KEYS", "")

# Merchants on this machine are the sandbox's; with them no other is used, and without
# this setting none of them is.
PAYS_INTO_SANDBOX = env_bool("PAYS_INTO_SANDBOX", str(DEBUG).lower())
SANDBOX_DIR = VAR_DIR / "sandbox"
GATEWAY_TIMEOUT_SECONDS = env_int("GATEWAY_TIMEOUT_SECONDS", "10")

# Asked about the rows of an import, by table: what another app knows of them.
RECORD_CHECKS = {
    "clauses": "refunds.policies.agreements.about_clauses",
    "contracts": "refunds.policies.agreements.about_contracts",
}

# The authority's hotline that customers are told of; the operator sets it.
COMPLAINT_HOTLINE = env_str("COMPLAINT_HOTLINE", "12315")
SUPPORT_EMAIL = env_str("SUPPORT_EMAIL", "support@localhost")
BRAND = _("Makegood")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env_str("LOG_LEVEL", "WARNING")},
}
