"""A certificate's twin that machines read: an Open Badge 3.0, which is a verifiable credential.

It says who completed what, and nothing that the certificate does not say; the license's number
stays out of it, since a badge is made to be passed on. What became of it stands in a list of bits
(W3C, Bitstring Status List 1.0), in which every badge has its place and nobody's name is.
"""

import base64
import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519

from creditable.credit import proofs
from creditable.credit.proofs import OPEN_BADGES, VC, instant

PLACES = 131_072
"""Places in one list: the least that the standard allows, so that looking one up does not tell
whose it is."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where credentials and what checks them stand; `base` is the site's address, without a
    slash at its end."""

    base: str
    name: str

    @property
    def issuer(self) -> str:
        return f"{self.base}/verify/issuer/"

    def key(self, fingerprint: str) -> str:
        return f"{self.base}/verify/keys/{fingerprint}/"

    def list(self, number: int) -> str:
        return f"{self.base}/verify/status/{number}/"

    @property
    def profile(self) -> dict[str, Any]:
        return {"id": self.issuer, "type": ["Profile"], "name": self.name, "url": self.base}


@dataclass(frozen=True, slots=True)
class Earned:
    """What a badge tells. `hours` are the authority's; `completed` is an instant; `course_number`
    and `authority` are empty where no authority asked."""

    serial: str
    holder_name: str
    course_slug: str
    course_title: str
    course_number: str
    authority: str
    hours: Fraction
    hours_text: str
    completed: datetime
    issued: datetime
    place: int


def credential(earned: Earned, site: Site) -> dict[str, Any]:
    """The badge, unsigned (Open Badges 3.0, AchievementCredential)."""
    counted = earned.hours_text + (f" for {earned.authority}" if earned.authority else "")
    achievement = {
        "id": f"{site.base}/courses/{earned.course_slug}/",
        "type": ["Achievement"],
        "achievementType": "Course",
        "name": earned.course_title,
        "description": f"Continuing education: {counted}.",
        "criteria": {
            "narrative": "Spent the time of every lesson, counted by the provider, and passed the "
            "examination."
        },
        **({"humanCode": earned.course_number} if earned.course_number else {}),
    }
    return {
        "@context": [VC, OPEN_BADGES],
        "id": f"{site.base}/verify/{earned.serial}/",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": earned.course_title,
        "issuer": site.profile,
        "validFrom": instant(earned.issued),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": False,
                    "identityHash": earned.holder_name,
                    "identityType": "name",
                }
            ],
            "creditsEarned": number(earned.hours),
            "activityEndDate": instant(earned.completed),
            "achievement": achievement,
        },
        "credentialStatus": status(earned.place, site),
    }


def status(place: int, site: Site) -> dict[str, str]:
    """Where a reader learns what became of the badge."""
    number, index = divmod(place, PLACES)
    return {
        "id": f"{site.list(number)}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(index),
        "statusListCredential": site.list(number),
    }


def status_list(number: int, ended: Iterable[int], site: Site, at: datetime) -> dict[str, Any]:
    """The list of that number, unsigned: a one at the place of each badge that counts no more."""
    return {
        "@context": [VC],
        "id": site.list(number),
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": site.issuer,
        "validFrom": instant(at),
        "credentialSubject": {
            "id": f"{site.list(number)}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": bits(place % PLACES for place in ended),
        },
    }


def bits(ones: Iterable[int]) -> str:
    """The bit string as the standard writes it: packed, the first place leftmost, compressed, and
    in base64url with the letter that names it."""
    packed = bytearray(PLACES // 8)
    for one in ones:
        packed[one // 8] |= 0x80 >> one % 8
    compressed = gzip.compress(bytes(packed), mtime=0)
    return "u" + base64.urlsafe_b64encode(compressed).rstrip(b"=").decode()


def number(hours: Fraction) -> int | float:
    """Hours as JSON has numbers."""
    return int(hours) if hours.denominator == 1 else float(hours)


def controller(site: Site, methods: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The issuer as others look it up: the keys by which it signs (W3C, Controlled Identifiers
    1.0)."""
    written = list(methods)
    return {
        "@context": "https://www.w3.org/ns/cid/v1",
        "id": site.issuer,
        "verificationMethod": written,
        "assertionMethod": [method["id"] for method in written],
    }


def multikey(site: Site, fingerprint: str, certificate: x509.Certificate) -> dict[str, str]:
    """A key of proofs, as its issuer lists it."""
    public = certificate.public_key()
    assert isinstance(public, ed25519.Ed25519PublicKey)
    return {
        "id": site.key(fingerprint),
        "type": "Multikey",
        "controller": site.issuer,
        "publicKeyMultibase": proofs.multikey(public),
    }
