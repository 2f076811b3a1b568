"""Objects that addresses name beyond those of the shop: what one person has earned."""

from datetime import date
from typing import Any
from uuid import uuid4

from creditable.catalog.models import ApprovalChange
from creditable.credit import (
    badges,
    calendars,
    certificates,
    identification,
    proof_files,
    reports,
)
from creditable.credit.openbadge import PLACES
from creditable.disclosure import choices, contracts
from creditable.disclosure.models import Alarm, Withheld
from creditable.learning.models import ChangeNotice
from creditable.lib.actor import Actor
from creditable.mail import links
from creditable.mail.links import Link
from creditable.mail.models import Message
from creditable.outreach import banners, campaigns
from creditable.outreach.models import Decoy, Rental, RentedList
from creditable.people import vault
from creditable.people.models import Identity, Person
from creditable.rights import followers, legal, publication
from creditable.store import documents
from creditable.store.models import Difference, Order
from creditable.support import cases
from tests.credit.test_awards import license_of
from tests.factories import pictures
from tests.factories.credit import BOARD, BY, make_award, make_course, make_held, make_review
from tests.factories.outreach import PNG
from tests.factories.people import make_license
from tests.factories.rights import make_matter
from tests.people.signing import mails_to
from tests.rights.test_followers import found
from tests.web.classroom import objects as classroom


def _follow_token() -> str:
    """The link in the mail to somebody without an account who wants to hear of new versions."""
    followers.ask(email="reader@example.com", by=BY)
    return found(mails_to("reader@example.com")[-1])


CASES = ("case", "case_take", "case_give_back", "case_open")


def make(*, person: Person, order: Order) -> dict[str, Any]:
    """Values for the addresses' parameters, by their name or by "address name parameter"."""
    license_of(person, BOARD, "journeyman", "J-11111")
    (award,) = make_award(person.pk, make_course(BOARD))
    report = award.reports.get()
    (roster,) = reports.send(report_ids=[report.pk], by=BY)
    credit = make_held(person)
    proof_files.hand_in(credit=credit, content=pictures.file(), by=person.actor)
    case = cases.open(
        key=uuid4(),
        name=person.name,
        email=person.email,
        topic="other",
        body="Hello",
        by=person.actor,
        subject_id=person.pk,
    )
    difference = Difference.objects.create(
        provider="paypal", kind="ours_alone", reference="3C6", order=order, currency="USD"
    )
    contract = contracts.record(
        recipient="payment.paypal",
        party="PayPal, Inc.",
        categories=["user.payment.total"],
        region="usa",
        begins=date(2026, 1, 1),
        ends=None,
        filename="contract.pdf",
        document=b"%PDF signed",
        by=BY,
    )
    stayed = Withheld.objects.create(
        key="rental:1", subject=person.subject, template="tests.rental", recipient="vendor",
        reason="no rule permits your name to other vendors",
    )  # fmt: skip
    mail = Message.objects.create(
        subject=person.subject, kind="tests", key="tests", batch=uuid4(), title="New courses",
        number="abcdefghijkl", to=person.email, choice="offers.email",
    )  # fmt: skip
    choices.say(
        subject_id=person.pk, choice="research.email", agrees=True, source="account",
        by=person.actor,
    )  # fmt: skip
    draft = publication.begin(by=BY)
    certificate = certificates.issue(award_id=award.pk, by=BY)
    badge = badges.issue(certificate_id=certificate.pk, by=BY)
    status_list = badges.publish_list(number=badge.place // PLACES, by=BY)
    demanded, released = (make_matter(person.pk) for _ in range(2))
    legal.release(matter=released, people=[person.pk], fields=["name"], by=Actor.staff(uuid4()))
    identity = Identity.objects.create(subject_id=person.pk, provider="google", number="1")
    approval = award.approval
    change = ApprovalChange.objects.create(
        approval=approval,
        before={"topic_minutes": {"code": 120}},
        after={"topic_minutes": {"code": 60}},
    )
    unreached = ChangeNotice.objects.create(change=change, subject=person.subject, channel="phone")
    campaign = campaigns.write(
        campaign=None, topic="offers.email", authority="", headline="New courses",
        text="There are new courses.", by=BY,
    )  # fmt: skip
    rental = Rental.objects.create(
        contract=contract, offer="Books", use_on=date(2027, 1, 31), limit=10, ordered_by=uuid4()
    )
    RentedList.objects.create(
        rental=rental, by=uuid4(), batch=uuid4(), names=1, decoys=1, mark="AB12CD", sha256="0" * 64,
        content=vault.seal(b"name", purpose="rented list"),
    )  # fmt: skip
    decoy = Decoy.objects.create(name="Ivy", street="1 Ours", city="X", state="NY", postal_code="1")
    banner = banners.enter(
        advertiser="Tools & Co.", says="Everything for the trade", address="https://tools.example/",
        begins=date(2026, 1, 1), ends=date(2040, 1, 1), filename="a.png", picture=PNG, by=BY,
    )  # fmt: skip
    review = make_review(person)
    shown = make_license(person, authority=BOARD, license_type="residential", number="R-10001")
    unseen = make_license(person, authority=BOARD, license_type="residential", number="R-10002")
    document = identification.hand_in(license=shown, content=pictures.file(), by=person.actor)
    return {
        "account:document_hand_in license_id": unseen.pk,
        "document_id": document.pk,
        "review_id": review.pk,
        "banner": banner.pk,
        "rental": rental.pk,
        "decoy": decoy.pk,
        "campaign": campaign.pk,
        "notice": unreached.pk,
        "matter": demanded.number,
        "console:matter_file matter": released.number,
        "shop:policy_confirm token": _follow_token(),
        "contract": contract.pk,
        "token": links.write(Link(person.pk, mail.choice, mail.number)),
        "choices:calendar token": calendars.open(subject_id=person.pk, by=BY)[:-4].rpartition("/")[
            2
        ],
        "entry": stayed.pk,
        "alarm": Alarm.objects.create(kind="ledger", words="row 7 was altered").pk,
        "version": draft.version,
        "shop:policy_version number": draft.version - 1,
        "provider": "google",
        "identity_id": identity.pk,
        "serial": certificate.serial,
        "fingerprint": certificate.fingerprint,
        "shop:status_list number": status_list.number,
        "report_id": report.pk,
        "credit_id": credit.pk,
        "subject_id": person.pk,
        "roster": roster.number,
        "authority": BOARD,
        **{f"console:{name} number": case.number for name in CASES},
        "key": case.key,
        "name": documents.issue_invoice(order_id=order.id, by=BY).name,
        "position": 1,
        "row": "US-TX-TDLR-ELEC",
        "difference_id": difference.pk,
        **classroom.make(person=person),
    }
