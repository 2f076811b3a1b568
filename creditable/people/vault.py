"""Keeping secrets in rows: encrypted with a key that is not in the database."""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes


class Unreadable(ValueError):
    """Not sealed for this purpose, altered, or sealed with a key we no longer have."""


def seal(plain: bytes, *, purpose: str) -> bytes:
    """The secret, readable only with this installation's key and for the same purpose."""
    return _box(purpose).encrypt(plain)


def open_sealed(sealed: bytes, *, purpose: str) -> bytes:
    """What was sealed; Unreadable when that cannot be told."""
    try:
        return _box(purpose).decrypt(sealed)
    except InvalidToken as error:
        raise Unreadable(purpose) from error


def _box(purpose: str) -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([_lock(key, purpose) for key in keys])


@cache
def _lock(key: str | bytes, purpose: str) -> Fernet:
    """Derived once a process: every request opens its session."""
    material = HKDF(SHA256(), 32, salt=None, info=f"vault.{purpose}".encode())
    return Fernet(base64.urlsafe_b64encode(material.derive(force_bytes(key))))
