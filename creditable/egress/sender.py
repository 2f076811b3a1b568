"""The loops of the sender: some threads for each channel, and one that is told what is new."""

import threading
from collections import Counter
from collections.abc import Mapping

import psycopg
import structlog
from django.db import InterfaceError, OperationalError, connection

from creditable.egress import outbox, wire
from creditable.egress.channels import THREADS, Channel
from creditable.egress.outbox import Message
from creditable.egress.outcome import Failed, Refused, Unsendable

GONE = (OperationalError, InterfaceError)

log = structlog.get_logger(__name__)

LONGEST_REST = 2.0  # the clock of a demo may be moved without notice
AT_ONCE = 2  # calls to one destination, so that a slow one leaves threads for the others
PAUSE = 1.0  # after the database was gone


class Sender:
    """Carries what is due until `stop`. `channels` are the destinations that can be reached;
    what is for others waits."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels
        self._taking = threading.Lock()
        self._on_the_way: Counter[str] = Counter()
        self._wake = {channel: threading.Condition() for channel in THREADS}
        self._news = dict.fromkeys(THREADS, 0)
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        for channel, count in THREADS.items():
            for number in range(count):
                name = f"{channel}-{number + 1}"
                thread = threading.Thread(target=self._work, args=(channel,), name=name)
                self._threads.append(thread)
        self._threads.append(threading.Thread(target=self._listen, name="listen", daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Takes nothing more, and waits for what is on its way."""
        self._stopped.set()
        for channel in THREADS:
            self.wake(channel)
        for thread in self._threads:
            if not thread.daemon:
                thread.join()
        for carrier in self._channels.values():
            carrier.close()

    def wake(self, channel: str) -> None:
        """Something of the channel may be due."""
        condition = self._wake.get(channel)
        if condition is not None:
            with condition:
                self._news[channel] += 1
                condition.notify_all()

    def send_one(self, channel: str) -> bool:
        """Carries one message, if one is due. False when there was none."""
        with self._taking:
            full = [name for name, count in self._on_the_way.items() if count >= AT_ONCE]
            message = outbox.take(channel=channel, leaving_out=full)
            if message is None:
                return False
            self._on_the_way[message.destination] += 1
        try:
            self._carry(message)
            outbox.give_back(message.id)
        finally:
            with self._taking:
                self._on_the_way[message.destination] -= 1
        self.wake(channel)
        return True

    def _carry(self, message: Message) -> None:
        carrier = self._channels.get(message.destination)
        if carrier is None:
            outbox.settle(message, Failed("this destination is not set up", arrived=False))
            return
        if not outbox.depart(message):
            return
        with wire.watched() as opened:
            try:
                outcome = carrier.carry(outbox.opened(message))
            except Unsendable as error:
                outcome = Refused(None, str(error))
        outbox.note(message.id, opened)
        outbox.settle(message, outcome)
        log.info(
            "carried",
            message=str(message.id),
            channel=message.channel,
            destination=message.destination,
            attempt=message.attempt,
            outcome=type(outcome).__name__.lower(),
            status=outcome.status,
        )

    def _work(self, channel: str) -> None:
        while not self._stopped.is_set():
            seen = self._news[channel]
            try:
                if self.send_one(channel):
                    continue
                outbox.note(None, wire.strays())
                rest = outbox.seconds_until_due(channel)
            except GONE as error:
                log.warning("database gone", error=type(error).__name__)
                connection.close()
                rest = PAUSE
            condition = self._wake[channel]
            with condition:
                if self._news[channel] == seen and not self._stopped.is_set():
                    condition.wait(LONGEST_REST if rest is None else min(rest, LONGEST_REST))
        connection.close()

    def _listen(self) -> None:
        while not self._stopped.is_set():
            try:
                with connection.cursor() as cursor:
                    cursor.execute("LISTEN creditable_outbox")
                for channel in THREADS:
                    self.wake(channel)
                self._hear()
            except (*GONE, psycopg.OperationalError) as error:
                log.warning("database gone", error=type(error).__name__)
                connection.close()
                self._stopped.wait(PAUSE)
        connection.close()

    def _hear(self) -> None:
        while not self._stopped.is_set():
            assert connection.connection is not None
            for notice in connection.connection.notifies(timeout=LONGEST_REST):
                self.wake(notice.payload)
