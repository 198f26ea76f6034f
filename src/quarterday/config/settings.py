"""Django's settings, read from the environment (environment.py); nothing is started or written by importing this."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from quarterday.config import cluster, environment, logs

QUARTERDAY = environment.load()

ROOMS = [
    "shared",
    "provider",
    "customers",
    "outbox",
    "plans",
    "inventory",
    "subscriptions",
    "bills",
    "payments",
    "accounts",
    "upkeep",
]

INSTALLED_APPS = [
    "quarterday.web",  # first, so that its account pages are found before allauth's
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "django_htmx",
    "lucide",
    *(f"quarterday.{room}" for room in ROOMS),
]

AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Keys are listed newest first. A process that was started without any (the type checker, say) gets one of its own;
# `encryption_keys` has no such stand-in, because what it encrypts outlives the process.
SECRET_KEY, *SECRET_KEY_FALLBACKS = [key.get_secret_value() for key in QUARTERDAY.secret_keys] or [
    secrets.token_urlsafe(50)
]
DEBUG = QUARTERDAY.debug
ALLOWED_HOSTS = QUARTERDAY.hosts()
CSRF_TRUSTED_ORIGINS = QUARTERDAY.origins()
CSRF_FAILURE_VIEW = "quarterday.web.errors.not_this_form"
TRUSTED_PROXIES = list(QUARTERDAY.trusted_proxies)

MIDDLEWARE = [
    "quarterday.web.proxies.BehindProxies",
    "quarterday.web.headers.EveryResponse",
    "quarterday.web.middleware.RequestLog",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "quarterday.web.middleware.DatabaseAway",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "quarterday.web.middleware.PrivatePages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "quarterday.web.middleware.BoundedBody",  # before the first that reads a form
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "quarterday.web.middleware.ReadersLanguage",
    "quarterday.web.middleware.OnlyActs",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "quarterday.web.second_factor.SecondFactorFirst",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "quarterday.config.urls"
ASGI_APPLICATION = "quarterday.config.asgi.application"
WSGI_APPLICATION = "quarterday.config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            # It knows the settings' pages, which themselves use the common tags: in one package they would be a circle.
            "libraries": {"sections": "quarterday.web.settings.tags"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "quarterday.web.menu.menu",
            ],
        },
    },
]


def database(url: str, *, pool: int = 0) -> dict[str, Any]:
    """Django's entry for one address; `pool` connections are kept open at most, none when it is 0."""
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or parts.hostname or ""
    if pool:
        options["pool"] = {"min_size": 1, "max_size": pool, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(options.pop("port", None) or parts.port or ""),
        "OPTIONS": {"connect_timeout": 10, "application_name": "quarterday", **options},
        "CONN_HEALTH_CHECKS": True,
    }


# The application logs in as `default`; `owner` owns the tables and is used by migrations alone.
_running = cluster.urls(QUARTERDAY.cluster_folder) if QUARTERDAY.embedded else None
DATABASES = {
    "default": database(
        QUARTERDAY.login_url() or (_running or cluster.NOT_RUNNING).login, pool=QUARTERDAY.database_pool
    ),
    "owner": database(QUARTERDAY.owner_url() or (_running or cluster.NOT_RUNNING).owner),
}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator", "NumericPasswordValidator")
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

LOCALE_PATHS = [Path(__file__).parents[1] / "web" / "locale"]

# Sign-in: by e-mail address and password, with a second factor or a passkey; nobody signs up by themselves.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard"
ACCOUNT_ADAPTER = "quarterday.web.sign_in.adapter.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "quarterday.web.sign_in.reset_keys.ResetKeys"  # noqa: S105  # no password
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Quarterday: "
ACCOUNT_RATE_LIMITS = {"sign_in_link": "10/m/ip", "first_admin": "10/m/ip"}
ACCOUNT_SESSION_REMEMBER = False
# Whose password alone opens nothing: who sees all customers (accounts/roles.py), since a password can be chosen anew by
# whoever reads the mailbox. The demo, on this machine alone, asks nobody for a second factor.
SECOND_FACTOR_FOR = () if QUARTERDAY.demo else ("admin", "clerk", "auditor")
MFA_ADAPTER = "quarterday.web.sign_in.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are given by an admin
MFA_FORMS = {
    "add_webauthn": "quarterday.web.sign_in.passkeys.AddForm",
    "login_webauthn": "quarterday.web.sign_in.passkeys.LoginForm",
    "authenticate_webauthn": "quarterday.web.sign_in.passkeys.SecondForm",
    "reauthenticate_webauthn": "quarterday.web.sign_in.passkeys.AgainForm",
}
MFA_TOTP_ISSUER = "Quarterday"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "quarterday.web.sign_in.adapter.username"
AXES_CLIENT_IP_CALLABLE = "quarterday.web.sign_in.adapter.whence"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "quarterday.web.sign_in.adapter.locked_out"
# Codes that were used, tries that were made and forms that were sent are known to all processes together. Django would
# forget a third of them, whichever, above 300: somebody who tries a lot would be let try again.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
EMAIL_BACKEND = "quarterday.web.mail.OutboxBackend"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "object-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'self'"],
    }
}

# The page assets that npm fetched (web/assets.py); without them the pages have the project's own style only.
ASSETS = QUARTERDAY.data_folder / "assets"
_tabler = ASSETS / "node_modules" / "@tabler" / "core" / "dist"
STATICFILES_DIRS = [("tabler", _tabler)] if _tabler.is_dir() else []
WHITENOISE_USE_FINDERS = True
STATIC_URL = "static/"

# Where people come by https, nothing is said without it. Subdomains and preloading are not ours to promise.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = QUARTERDAY.is_https
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if QUARTERDAY.is_https else 0
SECURE_REDIRECT_EXEMPT = [r"^(health|ready|metrics)/?$"]  # asked by machines, from within
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W019", "security.W021"]  # W019: our own pages frame our PDFs
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "SAMEORIGIN"

LOGGING_CONFIG = None
logs.configure(level=QUARTERDAY.log_level, form=QUARTERDAY.log_format)
