"""Invoices are issued once, numbered without gaps, frozen, and good to read on paper and aloud."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from hashlib import sha256
from io import BytesIO

import pikepdf
import pytest
from django.db import IntegrityError, connection, transaction

from creditable.audit.guard import Frozen
from creditable.people.models import Person
from creditable.store import documents, invoice, offers
from creditable.store.models import Document, Order, Payment
from tests.factories.people import make_person
from tests.factories.store import BILLING, BY, make_order, pay
from tests.promises import promise

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(policy: None) -> Person:
    return make_person(name="Ana Diaz")


def paid(person: Person, capture: str = "3C679366HH908993F") -> Order:
    order = make_order(person)
    pay(order, capture=capture)
    return order


def issue(order: Order) -> Document:
    return documents.issue_invoice(order_id=order.id, by=BY)


@promise("A14")
def test_a_paid_order_has_its_invoice_without_anybody_asking(
    ana: Person, run_jobs: Callable[[], int]
) -> None:
    order = paid(ana)
    run_jobs()
    issued = order.documents.get()
    assert issued.name == "INV-000001"
    assert issued.content["billed"] == [
        BILLING.name, BILLING.street, "Waco, TX 76701", "United States",
    ]  # fmt: skip
    assert dict(issued.content["sums"]) == {
        "Subtotal": "$15.00", "Sales tax": "$0.00", "Total": "$15.00",
    }  # fmt: skip
    facts = dict(issued.content["facts"])
    assert facts["Payment"] == "PayPal 3C679366HH908993F"
    assert facts["Order"] == order.reference
    assert issued.content["stamp"] == "Paid"
    assert sha256(bytes(issued.pdf)).hexdigest() == issued.sha256


def test_the_file_is_tagged_archival_and_named(ana: Person) -> None:
    issued = issue(paid(ana))
    pdf = pikepdf.open(BytesIO(bytes(issued.pdf)))
    assert len(pdf.pages) == 1
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang).startswith("en")
    with pdf.open_metadata() as metadata:
        assert metadata["pdfaid:part"] == "2"
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == "Invoice and receipt INV-000001"


def test_a_receipt_that_is_owed_and_not_there_is_issued_at_night(
    ana: Person, run_jobs: Callable[[], int]
) -> None:
    order = paid(ana)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    for _ in range(2):
        documents.catch_up()
    run_jobs()
    assert [document.name for document in order.documents.all()] == ["INV-000001"]


def test_issuing_again_gives_the_first(ana: Person) -> None:
    order = paid(ana)
    assert issue(order) == issue(order)
    assert Document.objects.count() == 1


def test_an_unpaid_order_has_no_invoice(ana: Person) -> None:
    with pytest.raises(Payment.DoesNotExist):
        issue(make_order(ana))
    assert not Document.objects.exists()


def test_an_invoice_never_changes(ana: Person) -> None:
    order = paid(ana)
    issued = issue(order)
    before = bytes(issued.pdf)
    version = order.lines.get().course_version
    offers.set_price(course=version.course, price=order.total + order.total, by=BY)
    issued.refresh_from_db()
    assert bytes(issued.pdf) == before
    with pytest.raises(Frozen):
        issued.save()


@pytest.mark.parametrize("number", [1, 3])
def test_the_database_takes_only_the_next_number(ana: Person, number: int) -> None:
    """The planted fault: a program that counts wrongly."""
    issue(paid(ana))
    other = paid(make_person(), capture="OTHER000000000001")
    with pytest.raises(IntegrityError, match="not the next number"), transaction.atomic():
        Document.objects.create(
            kind="invoice", number=number, order=other, content={}, pdf=b"", sha256=""
        )
    assert issue(other).number == 2


def test_a_name_that_our_font_lacks_does_not_lose_the_invoice(ana: Person) -> None:
    order = make_order(ana, billing=replace(BILLING, name="Ana 山田 Diaz"))
    pay(order)
    assert issue(order).content["billed"][0] == "Ana ?? Diaz"


def test_many_lines_go_on_to_another_page_with_its_number(ana: Person) -> None:
    sheet = invoice.Sheet(
        seller=documents._seller(), title="Invoice", name="INV-1", issued_on=date(2026, 1, 2),
        billed=("Ana",), facts=(), lines=(("A course with #hash and $sign", "$1.00"),),
        sums=(("Total", "$1.00"),), stamp="", notes=(),
    )  # fmt: skip
    long = replace(sheet, lines=sheet.lines * 60)
    assert len(pikepdf.open(BytesIO(invoice.render(sheet))).pages) == 1
    assert len(pikepdf.open(BytesIO(invoice.render(long))).pages) > 1


@pytest.mark.django_db(transaction=True)
def test_invoices_issued_at_once_are_numbered_without_a_gap(policy: None) -> None:
    orders = [paid(make_person(), capture=f"CAPTURE{number:010}") for number in range(12)]

    def one(order: Order) -> int:
        try:
            return issue(order).number
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(one, [*orders, *orders]))
    assert set(numbers) == set(range(1, 13))
    assert Document.objects.count() == 12
