"""PayPal's error answers: one shape, names and sentences as published."""

from collections.abc import Sequence
from dataclasses import dataclass

from creditable.standins.http import Answer, as_json
from creditable.standins.paypal.numbers import debug_id

DOCUMENTATION = "https://developer.paypal.com/api/rest/reference/orders/v2/errors/"

NAMES = {
    400: (
        "INVALID_REQUEST",
        "Request is not well-formed, syntactically incorrect, or violates schema.",
    ),
    401: (
        "AUTHENTICATION_FAILURE",
        (
            "Authentication failed due to missing authorization header,"
            " or invalid authentication credentials."
        ),
    ),
    404: ("RESOURCE_NOT_FOUND", "The specified resource does not exist."),
    415: (
        "UNSUPPORTED_MEDIA_TYPE",
        "The server does not support the request payload's media type.",
    ),
    422: (
        "UNPROCESSABLE_ENTITY",
        (
            "The requested action could not be performed, semantically incorrect,"
            " or failed business validation."
        ),
    ),
    500: ("INTERNAL_SERVER_ERROR", "An internal server error occurred."),
}

ISSUES = {
    # 400: the form of the request
    "INVALID_ARRAY_MAX_ITEMS": "The number of items in an array parameter is too large.",
    "INVALID_ARRAY_MIN_ITEMS": "The number of items in an array parameter is too small.",
    "INVALID_PARAMETER_SYNTAX": "The value of a field does not conform to the expected format.",
    "INVALID_PARAMETER_VALUE": "A parameter value is not valid.",
    "INVALID_STRING_LENGTH": "The value of a field is either too short or too long",
    "MALFORMED_REQUEST_JSON": "The request JSON is not well formed.",
    "MISSING_REQUIRED_PARAMETER": "A required parameter is missing.",
    "NOT_SUPPORTED": "This field is not currently supported.",
    "PAYPAL_REQUEST_ID_REQUIRED": (
        "A PayPal-Request-Id is required if you are trying to process payment for an Order."
        " Please specify a PayPal-Request-Id or Create the Order without a 'payment_source'"
        " specified."
    ),
    # 404
    "INVALID_RESOURCE_ID": (
        "Specified resource ID does not exist. Please check the resource ID and try again."
    ),
    # 422: what an order is made of
    "AMOUNT_MISMATCH": (
        "Should equal item_total + tax_total + shipping + handling + insurance"
        " - shipping_discount - discount."
    ),
    "CANNOT_BE_NEGATIVE": (
        "Must be greater than or equal to 0. If the currency supports decimals,"
        " only two decimal place precision is supported."
    ),
    "CANNOT_BE_ZERO_OR_NEGATIVE": (
        "Must be greater than zero. If the currency supports decimals,"
        " only two decimal place precision is supported."
    ),
    "DECIMAL_PRECISION": (
        "If the currency supports decimals, only two decimal place precision is supported."
    ),
    "DUPLICATE_REFERENCE_ID": (
        "`reference_id` must be unique if multiple `purchase_unit` are provided."
    ),
    "INVALID_CURRENCY_CODE": (
        "Currency code is invalid or is not currently supported. Please refer"
        " https://developer.paypal.com/api/rest/reference/currency-codes/"
        " for list of supported currency codes."
    ),
    "ITEM_TOTAL_MISMATCH": (
        "Should equal sum of (unit_amount * quantity) across all items for a given purchase_unit."
    ),
    "ITEM_TOTAL_REQUIRED": (
        "If item details are specified (items.unit_amount and items.quantity)"
        " corresponding amount.breakdown.item_total is required."
    ),
    "MULTI_CURRENCY_ORDER": (
        "Multiple differing values of currency_code are not supported."
        " Entire Order request must have the same currency_code."
    ),
    "REFERENCE_ID_REQUIRED": (
        "'reference_id' is required for each 'purchase_unit'"
        " if multiple 'purchase_unit' are provided."
    ),
    "TAX_TOTAL_MISMATCH": (
        "Should equal sum of (tax * quantity) across all items for a given purchase_unit."
    ),
    "TAX_TOTAL_REQUIRED": (
        "If item details are specified (items.tax_total and items.quantity)"
        " corresponding amount.breakdown.tax_total is required."
    ),
    # 422: capture
    "DUPLICATE_INVOICE_ID": (
        "Duplicate Invoice ID detected. To avoid a potential duplicate transaction your account"
        " setting requires that Invoice Id be unique for each transaction."
    ),
    "INSTRUMENT_DECLINED": (
        "The instrument presented  was either declined by the processor or bank,"
        " or it can't be used for this payment."
    ),
    "ORDER_ALREADY_CAPTURED": (
        "Order already captured.If 'intent=CAPTURE' only one capture per order is allowed."
    ),
    "ORDER_NOT_APPROVED": (
        "Payer has not yet approved the Order for payment. Please redirect the payer to the"
        " 'rel':'approve' url returned as part of the HATEOAS links within the Create Order call"
        " or provide a valid `payment_source` in the request."
    ),
    # 422: refund
    "CAPTURE_FULLY_REFUNDED": "The capture has already been fully refunded",
    "REFUND_AMOUNT_EXCEEDED": (
        "The refund amount must be less than or equal to the capture amount"
        " that has not yet been refunded."
    ),
    "REFUND_CAPTURE_CURRENCY_MISMATCH": "Refund must be in the same currency as the capture",
}

IN_THE_FORM = frozenset(
    {
        "INVALID_ARRAY_MAX_ITEMS",
        "INVALID_ARRAY_MIN_ITEMS",
        "INVALID_PARAMETER_SYNTAX",
        "INVALID_PARAMETER_VALUE",
        "INVALID_STRING_LENGTH",
        "MALFORMED_REQUEST_JSON",
        "MISSING_REQUIRED_PARAMETER",
        "NOT_SUPPORTED",
        "PAYPAL_REQUEST_ID_REQUIRED",
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where: `field` is a JSON pointer into the body."""

    issue: str
    field: str = ""
    value: str = ""


class Refusal(Exception):
    """The answer is an error of PayPal's."""

    def __init__(
        self,
        status: int,
        problems: Sequence[Problem] = (),
        *,
        links: Sequence[dict[str, str]] = (),
    ) -> None:
        super().__init__(status, *problems)
        self.status = status
        self.problems = problems
        self.links = links

    def answer(self) -> Answer:
        name, message = NAMES[self.status]
        document: dict[str, object] = {"name": name, "message": message, "debug_id": debug_id()}
        if self.problems:
            document["details"] = [_detail(problem) for problem in self.problems]
        issue = self.problems[0].issue if self.problems else name
        document["links"] = [
            {"href": f"{DOCUMENTATION}#{issue}", "rel": "information_link", "method": "GET"},
            *self.links,
        ]
        return as_json(document, status=self.status)


def refuse(problems: Sequence[Problem]) -> None:
    """Raises when there is something to refuse: what is malformed first, as PayPal does, then
    what is well-formed but makes no sense."""
    malformed = [problem for problem in problems if problem.issue in IN_THE_FORM]
    if malformed:
        raise Refusal(400, malformed)
    if problems:
        raise Refusal(422, problems)


def _detail(problem: Problem) -> dict[str, str]:
    detail = {"issue": problem.issue, "description": ISSUES[problem.issue]}
    if problem.field:
        detail |= {"field": problem.field, "location": "body"}
    if problem.value:
        detail["value"] = problem.value
    return detail
