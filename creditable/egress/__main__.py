"""`python -m creditable.egress`: carries what the outbox holds until it is told to stop."""

import os
import signal
import sys
import threading

import django
import structlog

log = structlog.get_logger(__name__)


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditable.settings")
    os.environ.setdefault("CREDITABLE_DATABASE_LOGIN", "egress")
    django.setup()

    from django.conf import settings

    from creditable.egress import destinations, wire
    from creditable.egress.channels import open_channel
    from creditable.egress.mailbox import Collector
    from creditable.egress.sender import Sender

    if settings.DATABASE_LOGIN != "egress":
        return _refuse("The sender uses the login of its own: CREDITABLE_DATABASE_LOGIN=egress.")
    try:
        found = destinations.read(settings.EGRESS_DESTINATIONS)
        mailbox = destinations.mailbox(settings.EGRESS_MAILBOX)
    except destinations.Misconfigured as error:
        return _refuse(str(error))

    wire.observe()
    ended = threading.Event()
    failed = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())

    def give_up(arguments: threading.ExceptHookArgs) -> None:
        # Better no sender, which is seen and started again, than one that lost a thread.
        threading.__excepthook__(arguments)
        failed.set()
        ended.set()

    threading.excepthook = give_up
    sender = Sender({name: open_channel(destination) for name, destination in found.items()})
    collector = Collector(mailbox) if mailbox else None
    sender.start()
    if collector:
        collector.start()
    log.info("ready", destinations=sorted(found))
    ended.wait()
    if collector:
        collector.stop()
    sender.stop()
    return 1 if failed.is_set() else 0


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
