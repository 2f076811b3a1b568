"""Mail that is answered comes back in: from the inbox of the demo over LMTP, and is read."""

import httpx

from tests.installation import Running, wait_until
from tests.journeys import path
from tests.journeys.path import Learner
from tests.journeys.visitor import Visitor


def test_an_answer_to_our_mail_is_taken_in_and_read(installation: Running) -> None:
    with Visitor(installation.address) as browser:
        person = Learner(installation, browser, email="answers@example.com", name="Ann Sworth")
        path.sign_up(person)
    mail = installation.mails(person.email)[0]
    before = installation.value("SELECT count(*) FROM mail_arrival")
    sent = httpx.post(
        f"{installation.demo.inbox}/mail/{mail['id']}/answer",
        data={"text": "My license is on its way. May I begin before it is here?"},
        timeout=60,
    )
    assert sent.status_code == 200, sent.text
    query = "SELECT count(*) FROM mail_arrival WHERE handled_at IS NOT NULL"
    wait_until(lambda: installation.value(query) > before, "the answer to be read")
