"""Our models and database, and Django's own middleware and sessions."""

from pathlib import Path

from creditable.settings import *  # noqa: F403 - the same database, people and keys
from creditable.settings import INSTALLED_APPS as OURS

INSTALLED_APPS = [
    *(app for app in OURS if not app.startswith("allauth")),
    "django.contrib.sessions",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
ROOT_URLCONF = "benchmarks.bare.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
    }
]
SILENCED_SYSTEM_CHECKS = ["auth.W004", "account.W001"]
