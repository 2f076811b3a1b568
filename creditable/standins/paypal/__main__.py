"""`python -m creditable.standins.paypal --port 8021 --state DIR --webhook-url URL`"""

from creditable.standins import http, process
from creditable.standins.notices import Notices
from creditable.standins.paypal.approval import Approval
from creditable.standins.paypal.panel import Panel
from creditable.standins.paypal.protocol import FAULTS, Protocol
from creditable.standins.paypal.signing import Signer
from creditable.standins.records import Records


def main() -> None:
    parser = process.arguments("A stand-in for PayPal: Orders v2 and webhooks. No money moves.")
    parser.add_argument("--base", default="", help="address that browsers and merchant use")
    parser.add_argument("--client-id", default="standin-client")
    parser.add_argument("--client-secret", default="standin-secret")
    parser.add_argument("--webhook-url", default="", help="where webhooks are posted")
    parser.add_argument("--webhook-id", default="STANDINWEBHOOK001")
    parser.add_argument("--webhook-delay", type=float, default=0.5, help="seconds")
    parser.add_argument("--retry-delay", type=float, default=1.0, help="seconds, then doubling")
    given = parser.parse_args()
    process.die_with_parent()
    folder = process.state_folder(given.state)
    records = Records(folder / "paypal.sqlite3")
    token = "/v1/oauth2/token"  # noqa: S105
    standin = http.Standin(
        "PayPal",
        records,
        faults=FAULTS,
        recorded=(token, "/v2/", "/v1/reporting/"),
        secret=(token,),
    )
    server = http.server(standin, host=given.host, port=given.port)
    base = given.base.rstrip("/") or f"http://{given.host}:{server.server_address[1]}"
    signer = Signer(folder, webhook_id=given.webhook_id, base=base, clock=standin.clock)
    notices = Notices(
        records,
        url=given.webhook_url,
        sign=signer.headers,
        clock=standin.clock,
        first_delay=given.retry_delay,
    )
    protocol = Protocol(
        standin,
        notices=notices,
        signer=signer,
        base=base,
        client_id=given.client_id,
        client_secret=given.client_secret,
        webhook_delay=given.webhook_delay,
    )
    Approval(standin, protocol)
    Panel(standin, notices)
    notices.start()

    def stop() -> None:
        notices.stop()
        records.close()

    process.serve("paypal", server, stop=stop)


if __name__ == "__main__":
    main()
