"""The stand-in for PayPal keeps to what PayPal published, remembers, and fails as told."""

import base64
import http.client
import json
import signal
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.standins.contract import OffContract, check, check_schema, described
from tests.standins.running import Hook, Merchant, order, wait_until


def all_on_contract(merchant: Merchant) -> None:
    """Everything that went over the wire is as PayPal describes it."""
    entries = [e for e in merchant.paypal.recorded() if described(e["path"])]
    assert entries
    for entry in entries:
        check(entry)


def issues(body: dict[str, Any]) -> list[str]:
    return [detail["issue"] for detail in body["details"]]


def test_a_payment_from_order_to_refund_keeps_to_the_published_descriptions(
    merchant: Merchant,
) -> None:
    created = merchant.create()
    assert created.status == 201
    assert created.json["status"] == "PAYER_ACTION_REQUIRED"
    order_id = created.json["id"]
    approval = next(link for link in created.json["links"] if link["rel"] == "payer-action")
    assert approval["href"].endswith(f"/checkoutnow?token={order_id}")

    back = merchant.approve(order_id)
    assert back.status == 303
    query = parse_qs(urlsplit(back.headers["Location"]).query)
    assert query["order"] == ["7"]
    assert query["token"] == [order_id]
    assert len(query["PayerID"][0]) == 13

    captured = merchant.capture(order_id)
    assert captured.status == 201
    assert captured.json["status"] == "COMPLETED"
    capture = captured.json["purchase_units"][0]["payments"]["captures"][0]
    assert capture["amount"] == {"currency_code": "USD", "value": "39.00"}
    assert capture["invoice_id"] == "CR-1001"
    breakdown = capture["seller_receivable_breakdown"]
    assert breakdown["paypal_fee"]["value"] == "1.85"
    assert breakdown["net_amount"]["value"] == "37.15"

    assert merchant.call("GET", f"/v2/checkout/orders/{order_id}").json["status"] == "COMPLETED"
    path = f"/v2/payments/captures/{capture['id']}"
    assert merchant.call("GET", path).json["status"] == "COMPLETED"
    part = {"amount": {"currency_code": "USD", "value": "9.00"}, "note_to_payer": "Sorry"}
    refund = merchant.call("POST", f"{path}/refund", part, PayPal_Request_Id="r-1")
    assert refund.status == 201
    assert merchant.call("GET", path).json["status"] == "PARTIALLY_REFUNDED"
    rest = merchant.call("POST", f"{path}/refund", {}, PayPal_Request_Id="r-2")
    assert rest.json["amount"]["value"] == "30.00"
    assert merchant.call("GET", path).json["status"] == "REFUNDED"
    assert merchant.call("GET", f"/v2/payments/refunds/{refund.json['id']}").status == 200
    assert merchant.call("GET", f"/v2/checkout/orders/{order_id}").status == 200
    all_on_contract(merchant)


def test_refusals_keep_to_the_published_descriptions_too(merchant: Merchant) -> None:
    order_id = merchant.create().json["id"]
    assert issues(merchant.capture(order_id).json) == ["ORDER_NOT_APPROVED"]
    merchant.approve(order_id)
    assert merchant.capture(order_id).status == 201
    again = merchant.capture(order_id, "another attempt")
    assert again.status == 422
    assert issues(again.json) == ["ORDER_ALREADY_CAPTURED"]
    missing = merchant.call("GET", "/v2/checkout/orders/NOSUCHORDER000000")
    assert missing.status == 404
    assert issues(missing.json) == ["INVALID_RESOURCE_ID"]
    merchant.token = "forged"
    assert merchant.call("GET", f"/v2/checkout/orders/{order_id}").status == 401
    all_on_contract(merchant)


def _with(**unit: Any) -> dict[str, Any]:
    body = order()
    body["purchase_units"][0] |= unit
    return body


BAD_ORDERS = {
    "MISSING_REQUIRED_PARAMETER": {"purchase_units": order()["purchase_units"]},
    "INVALID_PARAMETER_VALUE": {**order(), "intent": "PAY"},
    "NOT_SUPPORTED": {**order(), "intent": "AUTHORIZE"},
    "INVALID_ARRAY_MIN_ITEMS": {**order(), "purchase_units": []},
    "INVALID_ARRAY_MAX_ITEMS": {**order(), "purchase_units": order()["purchase_units"] * 11},
    "INVALID_STRING_LENGTH": _with(description="x" * 128),
    "INVALID_PARAMETER_SYNTAX": _with(amount={"currency_code": "USD", "value": "39,00"}),
    "DECIMAL_PRECISION": order("39.001"),
    "CANNOT_BE_ZERO_OR_NEGATIVE": order("0.00"),
    "INVALID_CURRENCY_CODE": _with(amount={"currency_code": "XYZ", "value": "39.00"}, items=[]),
    "AMOUNT_MISMATCH": _with(
        amount={
            "currency_code": "USD",
            "value": "40.00",
            "breakdown": {"item_total": {"currency_code": "USD", "value": "39.00"}},
        }
    ),
    "ITEM_TOTAL_REQUIRED": _with(amount={"currency_code": "USD", "value": "39.00"}),
    "ITEM_TOTAL_MISMATCH": _with(
        items=[
            {
                "name": "Course",
                "quantity": "2",
                "unit_amount": {"currency_code": "USD", "value": "39.00"},
            }
        ]
    ),
    "MULTI_CURRENCY_ORDER": {
        **order(),
        "purchase_units": [
            {"reference_id": "a", "amount": {"currency_code": "USD", "value": "1.00"}},
            {"reference_id": "b", "amount": {"currency_code": "EUR", "value": "1.00"}},
        ],
    },
    "DUPLICATE_REFERENCE_ID": {
        **order(),
        "purchase_units": [
            {"reference_id": "a", "amount": {"currency_code": "USD", "value": "1.00"}},
            {"reference_id": "a", "amount": {"currency_code": "USD", "value": "1.00"}},
        ],
    },
}


def test_a_body_that_paypal_would_refuse_is_refused_with_its_issue(merchant: Merchant) -> None:
    for issue, body in BAD_ORDERS.items():
        answer = merchant.call("POST", "/v2/checkout/orders", body, PayPal_Request_Id=issue)
        assert answer.status in (400, 422), issue
        assert issue in issues(answer.json), (issue, answer.json)
    without_id = merchant.call("POST", "/v2/checkout/orders", order())
    assert issues(without_id.json) == ["PAYPAL_REQUEST_ID_REQUIRED"]
    answers = [entry for entry in merchant.paypal.recorded() if described(entry["path"])]
    assert len(answers) == len(BAD_ORDERS) + 1
    for entry in answers:
        check({**entry, "body": json.dumps(order())})


def test_a_body_that_is_no_json_or_says_so_wrongly_is_refused(merchant: Merchant) -> None:
    content_type = {"Content_Type": "application/json", "PayPal_Request_Id": "x"}
    broken = merchant.call("POST", "/v2/checkout/orders", "{", **content_type)
    assert issues(broken.json) == ["MALFORMED_REQUEST_JSON"]
    plain = merchant.call("POST", "/v2/checkout/orders", "{}", Content_Type="text/plain")
    assert plain.status == 415


def test_the_contract_check_catches_planted_faults(merchant: Merchant) -> None:
    merchant.create()
    entry = merchant.paypal.recorded()[-1]
    check(entry)
    misspelled = order()
    misspelled["purchase_units"][0]["invoice"] = "CR-1"
    planted = [
        {**entry, "body": json.dumps(misspelled)},
        {**entry, "body": json.dumps({**order(), "intent": 7})},
        {**entry, "path": "/v2/checkout/nowhere"},
        {**entry, "headers": {**entry["headers"], "paypal-request-id": "x" * 109}},
        {**entry, "answer": {**entry["answer"], "body": json.dumps({"status": "PAID"})}},
    ]
    for wrong in planted:
        with pytest.raises(OffContract):
            check(wrong)


def test_the_same_request_id_makes_one_order_and_one_capture(merchant: Merchant) -> None:
    first, again = merchant.create(), merchant.create()
    assert (first.status, again.status) == (201, 200)
    assert first.json["id"] == again.json["id"]
    order_id = first.json["id"]
    merchant.approve(order_id)
    one, two = merchant.capture(order_id), merchant.capture(order_id)
    assert (one.status, two.status) == (201, 200)
    assert one.json["purchase_units"] == two.json["purchase_units"]
    assert merchant.create(request_id="attempt-2", invoice="CR-2").json["id"] != order_id


def test_a_refund_repeated_with_its_request_id_pays_back_once(merchant: Merchant) -> None:
    _, capture_id = merchant.paid()
    path = f"/v2/payments/captures/{capture_id}/refund"
    one = merchant.call("POST", path, {}, PayPal_Request_Id="r")
    two = merchant.call("POST", path, {}, PayPal_Request_Id="r")
    assert one.json == two.json
    three = merchant.call("POST", path, {}, PayPal_Request_Id="other")
    assert issues(three.json) == ["CAPTURE_FULLY_REFUNDED"]


def test_more_than_was_captured_is_never_refunded(merchant: Merchant) -> None:
    _, capture_id = merchant.paid()
    too_much = {"amount": {"currency_code": "USD", "value": "39.01"}}
    refused = merchant.call("POST", f"/v2/payments/captures/{capture_id}/refund", too_much)
    assert issues(refused.json) == ["REFUND_AMOUNT_EXCEEDED"]


def refund_of(merchant: Merchant, capture_id: str, value: str, request_id: str, **more: str) -> Any:
    body = {"amount": {"currency_code": "USD", "value": value}, **more}
    path = f"/v2/payments/captures/{capture_id}/refund"
    return merchant.call("POST", path, body, PayPal_Request_Id=request_id)


def test_an_order_shows_its_refunds_with_the_merchants_own_id(merchant: Merchant) -> None:
    order_id, capture_id = merchant.paid()
    made = refund_of(merchant, capture_id, "9.00", "r-1", custom_id="refund-7").json
    shown = merchant.call("GET", f"/v2/checkout/orders/{order_id}").json
    (refund,) = shown["purchase_units"][0]["payments"]["refunds"]
    assert (refund["id"], refund["custom_id"], refund["status"]) == (
        made["id"],
        "refund-7",
        "COMPLETED",
    )
    all_on_contract(merchant)


def test_a_refund_is_pending_for_as_long_as_it_is_told_to(merchant: Merchant, hook: Hook) -> None:
    _, capture_id = merchant.paid()
    merchant.paypal.arm("refund.pending", seconds=1)
    made = refund_of(merchant, capture_id, "9.00", "r-1").json
    assert made["status"] == "PENDING"
    path = f"/v2/payments/refunds/{made['id']}"
    wait_until(lambda: merchant.call("GET", path).json["status"] == "COMPLETED", "completed")
    all_on_contract(merchant)
    wait_until(
        lambda: any(b["event_type"] == "PAYMENT.CAPTURE.REFUNDED" for b in hook.bodies()), "notice"
    )


def test_a_refund_that_fails_leaves_the_money_where_it_was(merchant: Merchant) -> None:
    _, capture_id = merchant.paid()
    merchant.paypal.arm("refund.failed")
    assert refund_of(merchant, capture_id, "9.00", "r-1").json["status"] == "FAILED"
    shown = merchant.call("GET", f"/v2/payments/captures/{capture_id}").json
    assert shown["status"] == "COMPLETED"
    assert refund_of(merchant, capture_id, "39.00", "r-2").json["status"] == "COMPLETED"
    all_on_contract(merchant)


def test_a_refund_that_was_lost_was_not_made(merchant: Merchant) -> None:
    _, capture_id = merchant.paid()
    merchant.paypal.arm("refund.lost")
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        refund_of(merchant, capture_id, "39.00", "r-1")
    assert refund_of(merchant, capture_id, "39.00", "r-1").json["status"] == "COMPLETED"


def listed(merchant: Merchant, **query: str) -> Any:
    asked = {
        "start_date": "2020-01-01T00:00:00Z",
        "end_date": "2020-01-02T00:00:00Z",
        "fields": "transaction_info",
        **query,
    }
    return merchant.call("GET", f"/v1/reporting/transactions?{urlencode(asked)}")


def test_the_list_of_movements_holds_captures_and_refunds_page_by_page(merchant: Merchant) -> None:
    _, capture_id = merchant.paid()
    refund = refund_of(merchant, capture_id, "9.00", "r-1").json
    merchant.paypal.arm("refund.failed")
    refund_of(merchant, capture_id, "1.00", "r-2")
    now = datetime.now(UTC)
    window = {
        "start_date": f"{now - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
        "end_date": f"{now + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
    }
    whole = listed(merchant, **window).json
    rows = [each["transaction_info"] for each in whole["transaction_details"]]
    assert [(row["transaction_id"], row["transaction_event_code"]) for row in rows] == [
        (capture_id, "T0006"),
        (refund["id"], "T1107"),
    ]
    assert [row["transaction_amount"]["value"] for row in rows] == ["39.00", "-9.00"]
    second = listed(merchant, **window, page_size="1", page="2").json
    assert (second["page"], second["total_pages"], second["total_items"]) == (2, 2, 2)
    assert second["transaction_details"] == whole["transaction_details"][1:]
    assert listed(merchant).json["transaction_details"] == []
    all_on_contract(merchant)


def test_a_list_of_more_than_31_days_is_refused(merchant: Merchant) -> None:
    for until in ("2020-02-02T00:00:00Z", "2019-12-31T00:00:00Z", "tomorrow", ""):
        assert listed(merchant, end_date=until).status == 400
    merchant.paypal.arm("list.500")
    assert listed(merchant).status == 500


def test_an_invoice_is_paid_once(merchant: Merchant) -> None:
    merchant.paid(invoice="CR-5")
    second = merchant.create(request_id="attempt-2", invoice="CR-5").json["id"]
    merchant.approve(second)
    assert issues(merchant.capture(second, "capture-2").json) == ["DUPLICATE_INVOICE_ID"]


def test_a_kill_loses_nothing(merchant: Merchant) -> None:
    order_id = merchant.create().json["id"]
    merchant.approve(order_id)
    captured = merchant.capture(order_id)
    merchant.paypal.kill()
    merchant.paypal.start()
    assert merchant.call("GET", f"/v2/checkout/orders/{order_id}").json["status"] == "COMPLETED"
    repeated = merchant.capture(order_id)
    assert repeated.status == 200
    assert repeated.json["purchase_units"] == captured.json["purchase_units"]


def test_it_ends_cleanly_when_asked_to(merchant: Merchant) -> None:
    assert merchant.paypal.stop(signal.SIGTERM) == 0


def test_secrets_are_not_recorded(merchant: Merchant) -> None:
    merchant.create()
    told = json.dumps(merchant.paypal.recorded())
    assert "/v1/oauth2/token" in told
    assert merchant.token not in told
    basic = base64.b64encode(b"standin-client:standin-secret").decode()
    assert basic not in told
    assert all(e["headers"]["authorization"] == "(kept out)" for e in merchant.paypal.recorded())


def test_wrong_client_credentials_get_no_token(merchant: Merchant) -> None:
    wrong = base64.b64encode(b"standin-client:guess").decode()
    reply = merchant.paypal.call(
        "POST",
        "/v1/oauth2/token",
        "grant_type=client_credentials",
        headers={"Authorization": f"Basic {wrong}"},
    )
    assert reply.status == 401
    assert reply.json["error"] == "invalid_client"


class TestThePayer:
    def test_sees_that_no_money_moves_and_what_is_paid(self, merchant: Merchant) -> None:
        order_id = merchant.create().json["id"]
        page = merchant.paypal.call("GET", f"/checkoutnow?token={order_id}")
        text = page.body.decode()
        assert page.status == 200
        assert "No money moves" in text
        assert "$39.00" in text
        assert "Bright Wire Electric School" in text

    def test_may_leave_only_to_the_merchant(self, merchant: Merchant) -> None:
        order_id = merchant.create().json["id"]
        page = merchant.paypal.call("GET", f"/checkoutnow?token={order_id}")
        policy = page.headers["Content-Security-Policy"]
        assert "form-action 'self' http://127.0.0.1:8000;" in policy
        assert "default-src 'none'" in policy

    def test_who_turns_back_pays_nothing(self, merchant: Merchant) -> None:
        order_id = merchant.create().json["id"]
        back = merchant.paypal.form("/checkoutnow", token=order_id, decision="cancel")
        assert back.headers["Location"] == f"http://127.0.0.1:8000/basket/?token={order_id}"
        assert issues(merchant.capture(order_id).json) == ["ORDER_NOT_APPROVED"]

    def test_may_approve_twice(self, merchant: Merchant) -> None:
        order_id = merchant.create().json["id"]
        assert merchant.approve(order_id).headers == merchant.approve(order_id).headers

    def test_cannot_approve_from_another_site(self, merchant: Merchant) -> None:
        order_id = merchant.create().json["id"]
        forged = merchant.paypal.call(
            "POST",
            "/checkoutnow",
            f"token={order_id}&decision=approve",
            headers={"Sec-Fetch-Site": "cross-site"},
        )
        assert forged.status == 403
        assert issues(merchant.capture(order_id).json) == ["ORDER_NOT_APPROVED"]

    def test_words_of_the_merchant_are_not_markup(self, merchant: Merchant) -> None:
        body = order()
        context = body["payment_source"]["paypal"]["experience_context"]
        context["brand_name"] = "<script>alert(1)</script>"
        created = merchant.call("POST", "/v2/checkout/orders", body, PayPal_Request_Id="x")
        page = merchant.paypal.call("GET", f"/checkoutnow?token={created.json['id']}")
        assert b"<script>" not in page.body

    def test_of_no_order_gets_an_answer(self, merchant: Merchant) -> None:
        assert merchant.paypal.call("GET", "/checkoutnow?token=NOTHING").status == 404


class TestFaults:
    def approved(self, merchant: Merchant) -> str:
        order_id = str(merchant.create().json["id"])
        merchant.approve(order_id)
        return order_id

    def state(self, merchant: Merchant, order_id: str) -> str:
        return str(merchant.call("GET", f"/v2/checkout/orders/{order_id}").json["status"])

    def test_a_500_after_the_capture_leaves_the_money_taken_once(self, merchant: Merchant) -> None:
        order_id = self.approved(merchant)
        merchant.paypal.arm("capture.500")
        failed = merchant.capture(order_id)
        assert failed.status == 500
        assert failed.json["name"] == "INTERNAL_SERVER_ERROR"
        assert self.state(merchant, order_id) == "COMPLETED"
        assert merchant.capture(order_id).status == 200
        all_on_contract(merchant)

    def test_a_dropped_answer_leaves_the_money_taken(self, merchant: Merchant) -> None:
        order_id = self.approved(merchant)
        merchant.paypal.arm("capture.drop")
        with pytest.raises(http.client.RemoteDisconnected):
            merchant.capture(order_id)
        assert self.state(merchant, order_id) == "COMPLETED"
        assert [e["answer"] for e in merchant.paypal.recorded() if "capture" in e["path"]] == [None]

    def test_a_lost_call_leaves_the_money_where_it_was(self, merchant: Merchant) -> None:
        order_id = self.approved(merchant)
        merchant.paypal.arm("capture.lost")
        with pytest.raises(http.client.RemoteDisconnected):
            merchant.capture(order_id)
        assert self.state(merchant, order_id) == "APPROVED"

    def test_a_late_answer_comes_after_the_capture(self, merchant: Merchant) -> None:
        order_id = self.approved(merchant)
        merchant.paypal.arm("capture.late", seconds=0.2)
        assert merchant.capture(order_id).status == 201

    def test_a_declined_payer_can_pay_another_way(self, merchant: Merchant) -> None:
        order_id = self.approved(merchant)
        merchant.paypal.arm("capture.declined")
        declined = merchant.capture(order_id)
        assert declined.status == 422
        assert issues(declined.json) == ["INSTRUMENT_DECLINED"]
        redirect = next(link for link in declined.json["links"] if link["rel"] == "redirect")
        assert redirect["href"].endswith(f"/checkoutnow?token={order_id}")
        assert issues(merchant.capture(order_id).json) == ["INSTRUMENT_DECLINED"]
        merchant.approve(order_id)
        assert merchant.capture(order_id).status == 201
        all_on_contract(merchant)

    def test_a_revoked_token_is_refused_until_a_new_one_is_asked_for(
        self, merchant: Merchant
    ) -> None:
        order_id = self.approved(merchant)
        merchant.paypal.arm("token.revoked")
        assert merchant.capture(order_id).status == 401
        merchant.sign_in()
        assert merchant.capture(order_id).status == 201

    def test_a_fault_strikes_as_often_as_it_was_told_to(self, merchant: Merchant) -> None:
        merchant.paypal.arm("create.500", times=2)
        answers = [merchant.create(request_id=f"a{n}", invoice=f"C{n}").status for n in range(3)]
        assert answers == [500, 500, 201]

    def test_a_fault_that_is_not_there_is_named(self, merchant: Merchant) -> None:
        for body in ({"fault": "nonsense"}, {"fault": "capture.500", "seconds": 3}, {}, []):
            assert merchant.paypal.call("POST", "/standin/faults", body).status == 400
        assert merchant.paypal.call("GET", "/standin/faults").json["armed"] == []

    def test_faults_are_cleared(self, merchant: Merchant) -> None:
        merchant.paypal.arm("capture.500", times=0)
        merchant.paypal.call("DELETE", "/standin/faults")
        assert merchant.capture(self.approved(merchant)).status == 201


def test_the_control_page_shows_what_happened(merchant: Merchant) -> None:
    order_id, capture_id = merchant.paid()
    merchant.paypal.form("/standin/faults", fault="capture.500", seconds="0", times="1")
    page = merchant.paypal.call("GET", "/standin/").body.decode()
    assert order_id in page
    assert capture_id in page
    assert "Stand-in for PayPal" in page
    assert "1 more" in page


def test_an_event_can_be_asked_for_and_sent_again(merchant: Merchant, hook: Any) -> None:
    merchant.paid()
    event = next(
        e for e in (hook.wait_for(2) and hook.bodies()) if e["event_type"].startswith("PAYMENT")
    )
    path = f"/v1/notifications/webhooks-events/{event['id']}"
    assert merchant.call("GET", path).json == event
    assert merchant.call("POST", f"{path}/resend", {}).status == 202
    wait_until(lambda: [e["id"] for e in hook.bodies()].count(event["id"]) == 2, "the repetition")
    check_schema("notifications_webhooks_v1.json", "event", event)
    check_schema("payments_payment_v2.json", "capture-2", event["resource"])
