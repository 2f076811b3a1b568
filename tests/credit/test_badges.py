"""A badge says what its certificate says, can be checked by anybody with what we publish, and its
list tells when it counts no more."""

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519
from django.test import Client

from creditable.audit.clock import now
from creditable.credit import badges, certificates, issuer, openbadge, proofs
from creditable.credit.keys import Use
from creditable.credit.models import Award, Badge, Certificate, StatusList
from creditable.people.models import Person
from tests.credit.test_awards import license_of
from tests.credit.test_proofs import from_base58
from tests.factories.credit import BY, TEXAS, make_award, make_course
from tests.factories.people import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]
RunJobs = Callable[[], int]


@pytest.fixture
def person() -> Person:
    return make_person(name="Dana Whitfield")


@pytest.fixture
def award(person: Person) -> Award:
    license_of(person)
    (award,) = make_award(person.pk, make_course(TEXAS))
    return award


@pytest.fixture
def badge(award: Award, run_jobs: RunJobs) -> Badge:
    run_jobs()
    return Badge.objects.get(certificate__award=award)


def looked_up(client: Client, url: str) -> Any:
    """What stands at an address of ours, as a reader of badges gets it."""
    answer = client.get(url.removeprefix(badges.site().base))
    assert answer.status_code == 200, url
    assert answer["Access-Control-Allow-Origin"] == "*"
    return json.loads(answer.content)


def checked(client: Client, credential: dict[str, Any]) -> None:
    """Checks the proof as a reader does: by the key that it names, if its issuer names it too."""
    (proof,) = credential["proof"]
    unsigned = {name: value for name, value in credential.items() if name != "proof"}
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    issuer_id = unsigned["issuer"]
    profile = looked_up(client, issuer_id if isinstance(issuer_id, str) else issuer_id["id"])
    assert proof["verificationMethod"] in profile["assertionMethod"]
    method = looked_up(client, proof["verificationMethod"])
    assert method.pop("@context") == "https://w3id.org/security/multikey/v1"
    assert method in profile["verificationMethod"]
    raw = from_base58(method["publicKeyMultibase"][1:])
    key = ed25519.Ed25519PublicKey.from_public_bytes(raw[2:])
    key.verify(from_base58(proof["proofValue"][1:]), proofs.signed_bytes(unsigned, options))


def counts(client: Client, credential: dict[str, Any]) -> bool:
    """Whether the list says that the badge still counts."""
    entry = credential["credentialStatus"]
    found = looked_up(client, entry["statusListCredential"])
    checked(client, found)
    encoded = found["credentialSubject"]["encodedList"]
    assert encoded[0] == "u"
    padded = encoded[1:] + "=" * (-len(encoded[1:]) % 4)
    packed = gzip.decompress(base64.urlsafe_b64decode(padded))
    assert len(packed) == 16 * 1024
    index = int(entry["statusListIndex"])
    return not packed[index // 8] >> 7 - index % 8 & 1


def test_it_says_what_the_certificate_says_and_no_more(badge: Badge) -> None:
    said = badge.credential
    serial = badge.certificate.serial
    assert said["@context"] == [proofs.VC, proofs.OPEN_BADGES]
    assert said["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert said["id"].endswith(f"/verify/{serial}/")
    subject = said["credentialSubject"]
    assert [one["identityHash"] for one in subject["identifier"]] == ["Dana Whitfield"]
    assert subject["creditsEarned"] == 2
    assert subject["achievement"]["name"] == badge.certificate.content["course_title"]
    number = badge.certificate.content["license_number"]
    assert number
    assert number not in str(said)


def test_anybody_can_check_it_by_what_is_published(client: Client, badge: Badge) -> None:
    checked(client, badge.credential)
    assert counts(client, badge.credential)
    altered = {**badge.credential, "name": "Something else"}
    with pytest.raises(InvalidSignature):
        checked(client, altered)


def test_its_token_can_be_checked_by_the_published_keys(client: Client, badge: Badge) -> None:
    method = jwt.get_unverified_header(badge.token)["kid"]
    key = looked_up(client, method)
    assert key in looked_up(client, "/.well-known/jwks.json")["keys"]
    claims = jwt.decode(badge.token, jwt.PyJWK(key).key, algorithms=["ES256"])
    assert {k: v for k, v in badge.credential.items() if k != "proof"}.items() <= claims.items()


def test_a_revoked_certificates_badge_counts_no_more(
    client: Client, badge: Badge, run_jobs: RunJobs
) -> None:
    certificates.revoke(certificate=badge.certificate, reason="Taken twice.", by=BY)
    run_jobs()
    assert not counts(client, badge.credential)


def test_a_corrected_certificates_badge_gives_way_to_another(
    client: Client, award: Award, badge: Badge, run_jobs: RunJobs
) -> None:
    certificates.correct(
        certificate=badge.certificate,
        holder_name="Dana B. Whitfield",
        license_number=badge.certificate.content["license_number"],
        reason="The middle initial was missing.",
        by=BY,
    )
    run_jobs()
    later = Badge.objects.get(certificate__award=award, certificate__edition=2)
    assert not counts(client, badge.credential)
    assert counts(client, later.credential)
    assert "Dana B. Whitfield" in str(later.credential)


def test_it_is_made_once_and_its_place_is_its_own(badge: Badge, run_jobs: RunJobs) -> None:
    assert badges.issue(certificate_id=badge.certificate_id, by=BY) == badge
    other = make_person(name="Bo Lee")
    license_of(other, number="7001")
    make_award(other.pk, make_course(TEXAS))
    run_jobs()
    assert Badge.objects.count() == 2
    assert Badge.objects.values("place").distinct().count() == 2


def test_one_that_was_revoked_before_its_badge_was_made_never_counts(
    client: Client, award: Award, run_jobs: RunJobs
) -> None:
    certificate = certificates.issue(award_id=award.pk, by=BY)
    certificates.revoke(certificate=certificate, reason="A mistake.", by=BY)
    run_jobs()
    assert not counts(client, Badge.objects.get(certificate=certificate).credential)


def test_what_a_replaced_key_signed_can_still_be_checked(
    client: Client, badge: Badge, run_jobs: RunJobs
) -> None:
    old = badge.credential["proof"][0]["verificationMethod"]
    for use in Use:
        issuer.replace_key(use, at=now())
    checked(client, badge.credential)
    key = looked_up(client, jwt.get_unverified_header(badge.token)["kid"])
    jwt.decode(badge.token, jwt.PyJWK(key).key, algorithms=["ES256"])
    certificates.revoke(certificate=badge.certificate, reason="A mistake.", by=BY)
    run_jobs()
    assert not counts(client, badge.credential)
    listed = StatusList.objects.get().credential
    assert listed["proof"][0]["verificationMethod"] != old


def test_only_the_holder_gets_it(client: Client, person: Person, badge: Badge) -> None:
    address = f"/account/certificates/{badge.certificate.serial}/"
    client.force_login(person)
    assert json.loads(client.get(f"{address}badge.json").content) == badge.credential
    assert client.get(f"{address}badge.jwt").content.decode() == badge.token
    assert "Open Badges" in client.get("/account/certificates/").content.decode()
    client.force_login(make_person(name="Bo Lee"))
    assert client.get(f"{address}badge.json").status_code == 404
    assert client.get(f"{address}badge.jwt").status_code == 404


def test_a_key_or_list_that_does_not_exist_is_not_found(client: Client) -> None:
    assert client.get("/verify/keys/00/").status_code == 404
    assert client.get("/verify/status/9/").status_code == 404


@pytest.mark.parametrize(
    ("ones", "first", "last"), [([], 0, 0), ([0], 0x80, 0), ([7, openbadge.PLACES - 1], 1, 1)]
)
def test_the_first_place_is_the_leftmost_bit(ones: list[int], first: int, last: int) -> None:
    encoded = openbadge.bits(ones)[1:]
    packed = gzip.decompress(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    assert (packed[0], packed[-1]) == (first, last)


def test_certificates_are_made_without_waiting_for_badges(award: Award) -> None:
    certificates.issue(award_id=award.pk, by=BY)
    assert Certificate.objects.count() == 1
    assert not Badge.objects.exists()
