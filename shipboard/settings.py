"""Every knob of the desk, all from the environment, each with what it does.
Names of variables are part of the contract with users; see README "Settings".
"""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from psycopg.conninfo import conninfo_to_dict

from shipboard.embedded import make_home

PACKAGE = Path(__file__).resolve().parent


def env_flag(name: str, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


# Where the desk keeps its key, uploads in progress, collected static files and (by default) the
# embedded database. Created readable for its owner only.
HOME = Path(os.environ.get("SHIPBOARD_HOME", ".shipboard")).absolute()


def secret_key() -> str:
    """SHIPBOARD_SECRET_KEY, or a key made once and kept in the home, readable for its owner."""
    if given := os.environ.get("SHIPBOARD_SECRET_KEY"):
        return given
    make_home(HOME)
    kept = HOME / "secret-key"
    try:
        handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return kept.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return kept.read_text().strip()


SECRET_KEY = secret_key()

# A libpq URL. The command line sets it to the embedded server when it is empty.
DATABASE_URL = os.environ.get("SHIPBOARD_DATABASE_URL", "")


def database() -> dict[str, Any]:
    given = conninfo_to_dict(DATABASE_URL)
    named = {
        "NAME": "dbname",
        "USER": "user",
        "PASSWORD": "password",
        "HOST": "host",
        "PORT": "port",
    }
    options = {key: value for key, value in given.items() if key not in named.values()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{ours: str(given.get(theirs) or "") for ours, theirs in named.items()},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DEBUG = False
# The names under which the desk is reached; behind a proxy, set them.
ALLOWED_HOSTS = os.environ.get("SHIPBOARD_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
# Set to 1 behind a proxy that speaks https, so that cookies are sent over https only.
HTTPS = env_flag("SHIPBOARD_HTTPS", default=False)
# Where others reach the desk, such as https://desk.example.com: what marketplaces send people and
# webhooks back to. Its name must be in SHIPBOARD_HOSTS too. Without it there are no webhooks.
PUBLIC_URL = os.environ.get("SHIPBOARD_PUBLIC_URL", "").strip().rstrip("/")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SESSION_COOKIE_NAME = "shipboard_session"
CSRF_FAILURE_VIEW = "shipboard.desk.errors.csrf_failure"
CSRF_COOKIE_NAME = "shipboard_csrf"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "procrastinate.contrib.django",
    "shipboard",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "shipboard.accounts.sessions.seen",
    "shipboard.desk.errors.Unstorable",
]

# No inline script or style, no eval, nothing from elsewhere (the desk's own pages need none).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "frame-src": [SELF],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}

ROOT_URLCONF = "shipboard.urls"
WSGI_APPLICATION = "shipboard.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE / "templates"],
        "OPTIONS": {
            "environment": "shipboard.desk.templating.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "shipboard.desk.templating.page_context",
            ],
        },
    },
    # allauth renders its mails through Django's own templates.
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True},
]

AUTH_USER_MODEL = "shipboard.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/orders/?tab=pending_shipping"
ACCOUNT_ADAPTER = "shipboard.accounts.sign_in.DeskAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/login/"
# Ten wrong passwords for one account, or from one address, in five minutes: wait.
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/5m/key,20/5m/ip"}
# Two-step sign-in: six digits from an app, or a recovery code; a phone's clock may be half a minute
# off. The secrets are encrypted with a key that comes from SECRET_KEY.
MFA_ADAPTER = "shipboard.accounts.two_step.DeskTwoStepAdapter"
MFA_FORMS = {
    "authenticate": "shipboard.accounts.two_step.CodeForm",
    "reauthenticate": "shipboard.accounts.two_step.CodeAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Shipboard"
MFA_TOTP_TOLERANCE = 1

# In the database, so that every process counts the same sign-in attempts.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shipboard_cache",
        # Counts must outlive a flood of others.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [PACKAGE / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "shipboard.desk.assets.ModuleFiles"},
}

# Files on their way in: kept only until they have been read.
UPLOADS = HOME / "uploads"
# Exported files, encrypted with a key that comes from SECRET_KEY; gone after seven days.
EXPORTS = HOME / "exports"
# The folder in which schedules may put their files, plain; without it they are only kept here.
EXPORT_FOLDER = os.environ.get("SHIPBOARD_EXPORT_FOLDER", "")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# The grid of shipments and a batch of labels have up to five fields a row, and 600 rows.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4_000
FILE_UPLOAD_TEMP_DIR = None
FILE_UPLOAD_PERMISSIONS = 0o600

# Notices of shops whose line to their marketplace needs somebody: to these addresses, separated by
# commas, through this mail server: smtp://user:password@host:587 (with STARTTLS, but to this very
# machine) or smtps://user:password@host:465.
NOTICE_MAILS = [
    address.strip()
    for address in os.environ.get("SHIPBOARD_NOTICE_MAILS", "").split(",")
    if address.strip()
]
DEFAULT_FROM_EMAIL = os.environ.get("SHIPBOARD_MAIL_FROM", "shipboard@localhost")
_MAIL = urlsplit(os.environ.get("SHIPBOARD_SMTP_URL", "smtp://localhost:25"))
EMAIL_USE_SSL = _MAIL.scheme == "smtps"
EMAIL_HOST = _MAIL.hostname or "localhost"
EMAIL_PORT = _MAIL.port or (465 if EMAIL_USE_SSL else 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_MAIL.username or ""), unquote(_MAIL.password or "")
EMAIL_USE_TLS = not EMAIL_USE_SSL and EMAIL_HOST not in ("localhost", "127.0.0.1", "::1")
EMAIL_TIMEOUT = 10
# And as JSON, posted to this address (https, or this very machine). With a secret, the header
# shipboard-signature is sha256= and the HMAC-SHA256 of the body in hex.
NOTICE_URL = os.environ.get("SHIPBOARD_NOTICE_URL", "")
NOTICE_SECRET = os.environ.get("SHIPBOARD_NOTICE_SECRET", "")

# What happens in the demo's world by itself, in things a minute: buyers order and ask, carriers
# collect and deliver. 0: only what the clock brings.
DEMO_PACE = float(os.environ.get("SHIPBOARD_DEMO_PACE", "4"))

# Marketplaces: how long a connection and then an answer may take, in seconds.
CHANNEL_CONNECT_SECONDS = float(os.environ.get("SHIPBOARD_CHANNEL_CONNECT_SECONDS", "5"))
CHANNEL_READ_SECONDS = float(os.environ.get("SHIPBOARD_CHANNEL_READ_SECONDS", "20"))
# Polls ask for changes since so many minutes before the last one ended: clocks differ, and what a
# marketplace lists may lag behind what it knows.
SYNC_OVERLAP = timedelta(minutes=float(os.environ.get("SHIPBOARD_SYNC_OVERLAP_MINUTES", "10")))
# How many days back a newly connected shop is read.
SYNC_LOOK_BACK = timedelta(days=float(os.environ.get("SHIPBOARD_SYNC_LOOK_BACK_DAYS", "90")))
# TikTok Shop: where its API and its tokens are, and the pages where sellers grant access (its own
# documents and third parties name different ones for the United States). An app may have others.
TIKTOK_API_HOST = os.environ.get(
    "SHIPBOARD_TIKTOK_API_HOST", "https://open-api.tiktokglobalshop.com"
)
TIKTOK_AUTH_HOST = os.environ.get("SHIPBOARD_TIKTOK_AUTH_HOST", "https://auth.tiktok-shops.com")
TIKTOK_AUTHORIZE_URL = os.environ.get(
    "SHIPBOARD_TIKTOK_AUTHORIZE_URL", "https://services.tiktokshop.com/open/authorize"
)
TIKTOK_AUTHORIZE_URL_US = os.environ.get(
    "SHIPBOARD_TIKTOK_AUTHORIZE_URL_US", "https://services.tiktokshops.us/open/authorize"
)
# Versions of single operations other than ours: "order_detail=202309, create_packages=202512"
# (channels/tiktok/versions.py names them).
TIKTOK_VERSIONS = os.environ.get("SHIPBOARD_TIKTOK_VERSIONS", "")
# Seller Center, where a seller asks for support; {market} is the shop's, such as us or uk.
TIKTOK_SUPPORT_URL = os.environ.get(
    "SHIPBOARD_TIKTOK_SUPPORT_URL", "https://seller-{market}.tiktok.com/"
)
# How many calls a second each operation may have for one app and shop, over all processes.
TIKTOK_CALLS_PER_SECOND = float(os.environ.get("SHIPBOARD_TIKTOK_CALLS_PER_SECOND", "50"))

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    # Strangers try other names all day; that is no error of ours.
    # And a refusal is told to whoever asked; it is none either.
    "loggers": {
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.request": {"level": "ERROR"},
        # They would tell whole addresses, and some carry secrets in their query.
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("SHIPBOARD_LOG_LEVEL", "WARNING")},
}
