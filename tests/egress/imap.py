"""An IMAP server that is not ours (pymap), on a free port, with one mailbox."""

import datetime as dt
import imaplib
import ipaddress
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.standins.running import PATIENCE, free_port

USER, PASSWORD = "replies", "correct horse"


@dataclass
class Imap:
    """A server whose messages are gone with it; the next start counts anew."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    def start(self) -> None:
        if not self.certificate.exists():
            _certify(self.folder)
        pymap = Path(sys.executable).with_name("pymap")
        files = ("--cert", self.certificate, "--key", self.folder / "key.pem")
        self.process = subprocess.Popen(
            [
                *(pymap, "--host", "127.0.0.1", "--port", str(self.port), *files),
                *("dict", "--demo-user", USER, "--demo-password", PASSWORD),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            try:
                imaplib.IMAP4("127.0.0.1", self.port, timeout=5).logout()
            except (OSError, imaplib.IMAP4.error):
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("the IMAP server does not answer")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE)
            self.process = None

    def lay(self, raw: bytes) -> None:
        """Another mail server delivers this."""
        with self._line() as line:
            status, said = line.append("INBOX", "", "", raw)
            assert status == "OK", said

    def unseen(self) -> int:
        """How many messages nobody has marked as read."""
        with self._line() as line:
            line.select("INBOX", readonly=True)
            _, said = line.search(None, "UNSEEN")
            return len(said[0].split())

    @contextmanager
    def behind_tls(self) -> Iterator[int]:
        """The port of a door that speaks TLS from the first byte, as port 993 does: pymap itself
        begins in the clear. Each line gets one of its own behind the door."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.folder / "key.pem")

        class Door(socketserver.BaseRequestHandler):
            def handle(door) -> None:  # noqa: N805
                with (
                    suppress(OSError),
                    context.wrap_socket(door.request, server_side=True) as outside,
                    socket.create_connection(("127.0.0.1", self.port)) as inside,
                ):
                    back = threading.Thread(target=_pass_on, args=(inside, outside))
                    back.start()
                    _pass_on(outside, inside)
                    back.join()

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Door) as server:
            threading.Thread(target=server.serve_forever).start()
            try:
                yield server.server_address[1]
            finally:
                server.shutdown()

    def _line(self) -> imaplib.IMAP4:
        line = imaplib.IMAP4("localhost", self.port, timeout=20)
        line.starttls(ssl.create_default_context(cafile=str(self.certificate)))
        line.login(USER, PASSWORD)
        return line


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    """All that one end says, to the other; when it says no more, nobody does."""
    with suppress(OSError):
        while said := one.recv(65_536):
            other.sendall(said)
    with suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)


def _certify(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
