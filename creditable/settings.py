"""Every setting, in one file. Values come from the environment through readers that refuse
nonsense with one sentence; secrets are read from files."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import structlog
import yaml
from django.core.exceptions import ImproperlyConfigured

from creditable.ops import secrets

ROOT = Path(__file__).resolve().parent.parent


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if not value:
        raise ImproperlyConfigured(f"Set {name} in the environment (see README, Settings).")
    return value


def switch(name: str) -> bool:
    value = os.environ.get(name, "0")
    if value not in {"0", "1"}:
        raise ImproperlyConfigured(f"{name} must be 0 or 1, not {value!r}.")
    return value == "1"


def number(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def entries(name: str) -> dict[str, dict[str, Any]]:
    """Further destinations, from the YAML file that the variable names: those of authorities."""
    path = os.environ.get(name, "")
    found = yaml.safe_load(Path(path).read_text(encoding="utf-8")) if path else {}
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        raise ImproperlyConfigured(f"{name}: {path} holds a name and its settings for each.")
    return found


def folder(name: str, default: Path) -> Path:
    path = Path(os.environ.get(name, default)).absolute()
    if not path.is_dir():
        raise ImproperlyConfigured(f"{name} names {path}, which is not a folder. Create it first.")
    return path


def database(name: str) -> dict[str, Any]:
    """A PostgreSQL URL: postgresql://user:password@host:port/name, or ?host=/socket/folder."""
    url = urlsplit(text(name))
    if url.scheme not in {"postgresql", "postgres"} or not url.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must look like postgresql://user:password@host/name.")
    query = parse_qs(url.query)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.strip("/"),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": query.get("host", [url.hostname or ""])[0],
        "PORT": str(url.port or ""),
    }


# The installation

DEMO = switch("CREDITABLE_DEMO")
DEBUG = False
DATA = folder("CREDITABLE_DATA", ROOT / ".data")
PROVIDER = folder("CREDITABLE_PROVIDER", ROOT / "demo" / "electric")
BASE_URL = text("CREDITABLE_BASE_URL", "http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = text(
    "CREDITABLE_HOSTS", f"{urlsplit(BASE_URL).hostname},localhost,127.0.0.1,[::1]"
).split(",")

SECRET_KEY = secrets.key(DATA / "keys" / "django.key").hex()
TOKEN_KEY = secrets.key(DATA / "keys" / "tokens.key")
LEDGER_KEY = secrets.key(DATA / "keys" / "ledger.key")  # signs the seals of the ledger (Ed25519)

# The database: each process has its own login. `owner` migrates, the rest work.

DATABASE_LOGINS = {
    "owner": "DATABASE_URL",
    "app": "CREDITABLE_APP_DATABASE_URL",
    "egress": "CREDITABLE_EGRESS_DATABASE_URL",
    "report": "CREDITABLE_REPORT_DATABASE_URL",
}
DATABASE_LOGIN = os.environ.get("CREDITABLE_DATABASE_LOGIN", "app")
if DATABASE_LOGIN not in DATABASE_LOGINS:
    raise ImproperlyConfigured(f"CREDITABLE_DATABASE_LOGIN is one of {sorted(DATABASE_LOGINS)}.")
DATABASES = {"default": database(DATABASE_LOGINS[DATABASE_LOGIN])}
DATABASES["default"]["TEST"] = {
    "NAME": os.environ.get("CREDITABLE_TEST_DATABASE", "test_creditable"),
}
# For creditable.audit.prepared: Django's own cursors prepare nothing, whatever the threshold.
DATABASES["default"]["OPTIONS"] = {"connect_timeout": 5, "prepare_threshold": 0}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if switch("CREDITABLE_POOL"):
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 2, "max_size": 6, "timeout": 10}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The house

INSTALLED_APPS = [
    "creditable.web.ui",
    "creditable.web.shop",
    "creditable.web.classroom",
    "creditable.web.account",
    "creditable.web.console",
    "creditable.web.hooks",
    "creditable.support",
    "creditable.rights",
    "creditable.outreach",
    "creditable.store",
    "creditable.learning",
    "creditable.credit",
    "creditable.catalog",
    "creditable.people",
    "creditable.mail",
    "creditable.disclosure",
    "creditable.audit",
    "creditable.ops",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "creditable.jobs",
]

MIDDLEWARE = [
    # What every answer carries stands first, so that refusals of the others carry it too.
    "creditable.web.ui.content_security.ContentSecurity",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "creditable.web.ui.compression.Compression",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "creditable.people.access.tell_the_idle",
    "django.middleware.common.CommonMiddleware",
    "creditable.people.csrf.CsrfMiddleware",
    "creditable.people.authentication.Authentication",
    "creditable.people.signals.heed_browser",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "creditable.urls"
WSGI_APPLICATION = "creditable.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["creditable.web.ui.constants"],
            "libraries": {
                "i18n": "creditable.web.ui.constants",
                "static": "creditable.web.ui.constants",
            },
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "creditable.web.ui.context.page",
            ],
        },
    },
]
FORM_RENDERER = "creditable.web.ui.forms.Renderer"
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
LANGUAGE_CODE = os.environ.get("CREDITABLE_LANGUAGE", "en-us")
LOCALE_PATHS = [ROOT / "creditable" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# Cookies. They ignore ports, so in a demo each port has names of its own: providers that are shown
# side by side on one machine do not end each other's sessions. __Host- binds them to this host.

HTTPS = BASE_URL.startswith("https://")
_before, _after = "__Host-" if HTTPS else "", f"-{urlsplit(BASE_URL).port}" if DEMO else ""
SESSION_COOKIE_NAME = f"{_before}session{_after}"
BASKET_COOKIE_NAME = f"{_before}basket{_after}"

# People, their sign-in and their sessions (creditable.people)

AUTH_USER_MODEL = "people.Person"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # unique whatever its case, by a constraint on Lower
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/learn/"
STAFF_REDIRECT_URL = "/console/"

SESSION_ENGINE = "creditable.people.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
# Who is signed in and does nothing for so long is signed out; warned a minute before.
IDLE_SECONDS = number("CREDITABLE_IDLE_SECONDS", 600)
if not 120 <= IDLE_SECONDS <= 86_400:
    raise ImproperlyConfigured(
        f"CREDITABLE_IDLE_SECONDS must be from 120 to 86400, not {IDLE_SECONDS}."
    )
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "creditable.web.ui.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

PASSWORD_HASHERS = ["creditable.people.passwords.Argon2id"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "creditable.people.passwords.Length"},
    {"NAME": "creditable.people.passwords.Repetition"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Limits are counted in PostgreSQL, so that more processes do not mean more tries. The number of
# entries is high because passing it would throw away counts.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "creditable_cache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}
ALLAUTH_TRUSTED_PROXY_COUNT = number("CREDITABLE_PROXIES", 0)
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ACCOUNT_ADAPTER = "creditable.people.adapter.Accounts"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_FORMS = {
    "signup": "creditable.web.account.forms.SignUp",
    "confirm_email_verification_code": "creditable.web.account.forms.SignUpCode",
    "login": "creditable.web.account.forms.SignIn",
    "confirm_login_code": "creditable.web.account.forms.SignInCode",
    "reset_password": "creditable.web.account.forms.AskForPassword",
    "confirm_password_reset_code": "creditable.web.account.forms.PasswordCode",
    "reset_password_from_key": "creditable.web.account.forms.ResetPassword",
    "change_password": "creditable.web.account.forms.ChangePassword",
    "set_password": "creditable.web.account.forms.SetPassword",
    "reauthenticate": "creditable.web.account.forms.PasswordAgain",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/account/login/?out=1"  # which says so
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(BASE_URL).scheme
ACCOUNT_RATE_LIMITS = {
    "request_login_code": "20/m/ip,3/m/key,10/h/key",
    "reset_password": "20/m/ip,3/m/key,10/h/key",
    "signup": "20/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "email_change": "3/m/user,10/h/user",
    "identity": "20/m/ip",
    "check_file": "10/m/ip,60/m/key",  # reading a file costs up to five seconds of CPU
    "check_altered_file": "40/d/key",
    "hand_in_document": "10/h/user",
}
MFA_ADAPTER = "creditable.people.factors.Factors"
MFA_FORMS = {
    "authenticate": "creditable.web.account.forms.Factor",
    "reauthenticate": "creditable.web.account.forms.FactorAgain",
    "activate_totp": "creditable.web.account.forms.NewFactor",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1

# Companies that may vouch for people at sign-in; one without a client id is not offered. Their
# secrets are the sender's alone (EGRESS_DESTINATIONS). Of the third, its name and what its
# /.well-known/openid-configuration says.
IDENTITY_PROVIDERS: dict[str, dict[str, str]] = {
    "google": {
        "name": "Google",
        "client_id": os.environ.get("CREDITABLE_GOOGLE_CLIENT_ID", ""),
        "issuer": os.environ.get("CREDITABLE_GOOGLE_ISSUER", "https://accounts.google.com"),
        "authorize": os.environ.get(
            "CREDITABLE_GOOGLE_AUTHORIZE_URL", "https://accounts.google.com/o/oauth2/v2/auth"
        ),
        "token_path": "/token",
        "keys_destination": "google-keys",
        "keys_path": "/oauth2/v3/certs",
    },
    "facebook": {
        "name": "Facebook",
        "client_id": os.environ.get("CREDITABLE_FACEBOOK_CLIENT_ID", ""),
        "authorize": os.environ.get(
            "CREDITABLE_FACEBOOK_AUTHORIZE_URL", "https://www.facebook.com/v21.0/dialog/oauth"
        ),
        "token_path": "/v21.0/oauth/access_token",
        "profile_path": "/v21.0/me",
    },
    "openid": {
        "name": os.environ.get("CREDITABLE_OPENID_NAME", ""),
        "client_id": os.environ.get("CREDITABLE_OPENID_CLIENT_ID", ""),
        "issuer": os.environ.get("CREDITABLE_OPENID_ISSUER", ""),
        "authorize": os.environ.get("CREDITABLE_OPENID_AUTHORIZE_URL", ""),
        "token_path": os.environ.get("CREDITABLE_OPENID_TOKEN_PATH", "/token"),
        "keys_destination": "openid",
        "keys_path": os.environ.get("CREDITABLE_OPENID_KEYS_PATH", "/keys"),
    },
}


def vouching(company: str, name: str, default: str) -> str:
    """Where a company is reached that may vouch; nowhere, where it is not offered."""
    if not IDENTITY_PROVIDERS[company]["client_id"]:
        return ""
    return os.environ.get(name, default)


# Security

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # mail leaves by the gate alone
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "media-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
FILE_UPLOAD_MAX_MEMORY_SIZE = 11 * 1_048_576  # what people hand in stays off the disk

# The outside: read by the egress process alone. A destination is a name that messages use.

EGRESS_DESTINATIONS: dict[str, dict[str, Any]] = {
    "smtp": {
        "channel": "smtp",
        "host": os.environ.get("CREDITABLE_SMTP_HOST", "localhost"),
        "port": number("CREDITABLE_SMTP_PORT", 25),
        "security": os.environ.get("CREDITABLE_SMTP_SECURITY", "none"),
        "user": os.environ.get("CREDITABLE_SMTP_USER", ""),
        "password_file": os.environ.get("CREDITABLE_SMTP_PASSWORD_FILE", ""),
        "dkim_key_file": os.environ.get("CREDITABLE_DKIM_KEY_FILE", ""),
        "dkim_domain": os.environ.get("CREDITABLE_DKIM_DOMAIN", ""),
        "dkim_selector": os.environ.get("CREDITABLE_DKIM_SELECTOR", ""),
    },
    "dns": {
        "channel": "dns",
        "host": os.environ.get("CREDITABLE_DNS_HOST", ""),  # empty: the one of this machine
        "port": number("CREDITABLE_DNS_PORT", 53),
    },
    "paypal": {
        "channel": "https",
        "base_url": os.environ.get("CREDITABLE_PAYPAL_URL", "https://api-m.sandbox.paypal.com"),
        "auth": "oauth2",
        "token_path": "/v1/oauth2/token",
        "busy_statuses": [409],  # PREVIOUS_REQUEST_IN_PROGRESS: our own first attempt still runs
        "credentials_file": os.environ.get("CREDITABLE_PAYPAL_CREDENTIALS_FILE", ""),
    },
    "paypal-certificates": {
        "channel": "https",
        "base_url": os.environ.get("CREDITABLE_PAYPAL_CERTIFICATES_URL", "https://api.paypal.com"),
        "auth": "none",
    },
    "google": {
        "channel": "https",
        "base_url": vouching(
            "google", "CREDITABLE_GOOGLE_TOKEN_URL", "https://oauth2.googleapis.com"
        ),
        "auth": "client_secret_post",
        "credentials_file": os.environ.get("CREDITABLE_GOOGLE_CREDENTIALS_FILE", ""),
    },
    "google-keys": {
        "channel": "https",
        "base_url": vouching("google", "CREDITABLE_GOOGLE_KEYS_URL", "https://www.googleapis.com"),
        "auth": "none",
    },
    "facebook": {
        "channel": "https",
        "base_url": vouching(
            "facebook", "CREDITABLE_FACEBOOK_GRAPH_URL", "https://graph.facebook.com"
        ),
        "auth": "client_secret_post",
        "credentials_file": os.environ.get("CREDITABLE_FACEBOOK_CREDENTIALS_FILE", ""),
    },
    "openid": {
        "channel": "https",
        "base_url": os.environ.get("CREDITABLE_OPENID_ISSUER", ""),
        "auth": "client_secret_post",
        "credentials_file": os.environ.get("CREDITABLE_OPENID_CREDENTIALS_FILE", ""),
    },
    "demo-state-board": {
        "channel": "https",
        "base_url": os.environ.get("CREDITABLE_DEMO_BOARD_URL", ""),
        "auth": "bearer",
        "credentials_file": os.environ.get("CREDITABLE_DEMO_BOARD_KEY_FILE", ""),
    },
    "files": {"channel": "file_drop", "folder": str(DATA / "dropped")},
    "ce-broker": {
        "channel": "https",
        "base_url": os.environ.get("CREDITABLE_CE_BROKER_URL", ""),
        "auth": "xml_form",
        "credentials_file": os.environ.get("CREDITABLE_CE_BROKER_CREDENTIALS_FILE", ""),
    },
    **entries("CREDITABLE_DESTINATIONS_FILE"),
}
# A mailbox that the sender looks into, where no mail server hands mail over by LMTP.
EGRESS_MAILBOX: dict[str, Any] = {
    "host": os.environ.get("CREDITABLE_IMAP_HOST", ""),
    "port": number("CREDITABLE_IMAP_PORT", 993),
    "security": os.environ.get("CREDITABLE_IMAP_SECURITY", "tls"),
    "user": os.environ.get("CREDITABLE_IMAP_USER", ""),
    "password_file": os.environ.get("CREDITABLE_IMAP_PASSWORD_FILE", ""),
    "folder": os.environ.get("CREDITABLE_IMAP_FOLDER", "INBOX"),
    "reception": os.environ.get("CREDITABLE_LMTP_LISTEN", ""),
}
MAIL_FROM = text("CREDITABLE_MAIL_FROM", f"office@{urlsplit(BASE_URL).hostname}")
# The domain whose mail server hands us replies and reports over LMTP; without one, people use the
# links in the mail.
MAIL_REPLIES = os.environ.get("CREDITABLE_MAIL_REPLIES", "").lower()
MAIL_KEY = secrets.key(DATA / "keys" / "mail.key")

AUDITOR = os.environ.get("CREDITABLE_AUDITOR", "")  # gets the root of the ledger every day

PAYPAL_CHECKOUT_URL = os.environ.get(
    "CREDITABLE_PAYPAL_CHECKOUT_URL", "https://www.sandbox.paypal.com"
)
PAYPAL_WEBHOOK_ID = os.environ.get("CREDITABLE_PAYPAL_WEBHOOK_ID", "")
PAYPAL_WEBHOOK_ANCHOR = os.environ.get("CREDITABLE_PAYPAL_WEBHOOK_ANCHOR", "")
# The file that holds what we share with an authority whose notices we believe, by its pack's id.
AUTHORITY_HOOK_KEYS = {
    "demo-state-board": os.environ.get("CREDITABLE_DEMO_BOARD_HOOK_KEY_FILE", ""),
}

structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ],
    logger_factory=structlog.PrintLoggerFactory(),
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
