"""Starts everything: `./do demo` on this machine alone, `./do run` as the environment says."""

import argparse
import os
import socket
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from creditable.ops.children import why_not_cut_off
from creditable.ops.demonstration import Demonstration, providers, usual_port
from creditable.ops.postgres import DURABLE, ROLES, CannotStart, Cluster
from creditable.ops.processes import ROOT, Installation, database, open_listener
from creditable.ops.supervisor import Failed, Process, Stopped, Supervisor, take_place


def main(words: Sequence[str]) -> int:
    """Runs until somebody stops it; 1 when it could not start."""
    parser = argparse.ArgumentParser(prog="./do")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run")
    demo = commands.add_parser("demo")
    demo.add_argument("--provider", choices=providers(), default="electric")
    demo.add_argument("--port", type=_port, help="of the pages; the stand-ins take the next five")
    demo.add_argument("--data", type=Path, help="folder that keeps the demo's data")
    chosen = parser.parse_args(words)
    try:
        if chosen.command == "demo":
            _demo(
                chosen.provider,
                chosen.port or usual_port(chosen.provider),
                chosen.data or ROOT / ".data" / chosen.provider,
            )
        else:
            _run(os.environ)
    except Stopped:
        return 0
    except (CannotStart, Failed) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65_000:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65000")
    return number


def _demo(provider: str, port: int, data: Path) -> None:
    demo = Demonstration(provider, port, data.absolute())
    take_place(demo.data)
    demo.refuse_taken_ports()
    listener = open_listener("127.0.0.1", port, f"choose another with --port {port + 10}")
    answers = open_listener("127.0.0.1", 0, "free a port")
    cluster = Cluster(demo.data, DURABLE)
    with Supervisor(logs=demo.data / "logs", say=_say) as family:
        _say("starting PostgreSQL ...")
        _start_database(family, cluster)
        installation = Installation(
            demo.data, demo.environment(_ours(os.environ)), cluster.urls, _wall(cluster.urls)
        )
        if not demo.is_prepared():
            demo.refuse_other_policy(cluster.urls["DATABASE_URL"])
            _say("preparing the database and the provider's data ...")
            family.finish(installation.prepare())
            family.finish(demo.seed(installation))
            demo.note_prepared()
        _say("starting the pages, the worker, the sender and the stand-ins ...")
        family.keep(
            *demo.stand_ins(installation, answers=answers.getsockname()[1]),
            *_work(installation, listener),
            installation.reception(answers),
        )
        print(demo.tour(), flush=True)
        _watch(family)


def _run(environment: Mapping[str, str]) -> None:
    missing = [
        name for name in ("CREDITABLE_DATA", "CREDITABLE_BASE_URL") if name not in environment
    ]
    addresses = [name for name in ROLES if name in environment]
    if 0 < len(addresses) < len(ROLES):
        missing += [name for name in ROLES if name not in addresses]
    if missing:
        raise Failed(f"Set {', '.join(missing)} in the environment (see README, Settings).")
    if environment.get("CREDITABLE_DEMO", "0") != "0":
        raise Failed("CREDITABLE_DEMO is for ./do demo: unset it to run a real installation.")
    data = Path(environment["CREDITABLE_DATA"]).absolute()
    host, _, port = environment.get("CREDITABLE_LISTEN", "127.0.0.1:8000").rpartition(":")
    take_place(data)
    if not port.isdigit():
        raise Failed("CREDITABLE_LISTEN is an address and a port, like 127.0.0.1:8000.")
    listener = open_listener(host, int(port), "choose another in CREDITABLE_LISTEN")
    mail_listener = _mail_listener(environment)
    with Supervisor(logs=data / "logs", say=_say) as family:
        if addresses:
            urls = {name: environment[name] for name in ROLES}
        else:
            cluster = Cluster(data, DURABLE)
            _start_database(family, cluster)
            urls = cluster.urls
        installation = Installation(data, _ours(environment), urls, _wall(urls))
        family.finish(installation.prepare())
        family.keep(*_work(installation, listener))
        if mail_listener is not None:
            family.keep(installation.reception(mail_listener))
        _say(f"open at {environment['CREDITABLE_BASE_URL']}")
        _watch(family)


def _wall(urls: Mapping[str, str]) -> bool:
    """Whether the pages and the worker can do without a network. Says so, or says what hinders."""
    if why := _why_no_wall(urls):
        _say(f"NO network wall: {why}. A fault in the pages or the worker could reach the outside.")
        return False
    _say("network wall: the pages and the worker have no way out, the sender alone has one")
    return True


def _why_no_wall(urls: Mapping[str, str]) -> str:
    address = urlsplit(urls["CREDITABLE_APP_DATABASE_URL"])
    host = (address.hostname or "") + "".join(parse_qs(address.query).get("host", []))
    if not unquote(host).startswith("/"):
        return "the database is reached over the network (name the folder of its socket as host)"
    if refusal := why_not_cut_off():
        return f"this host gives no network namespace ({refusal})"
    return ""


def _mail_listener(environment: Mapping[str, str]) -> socket.socket | None:
    """Where the mail server hands over mail by LMTP, when it does."""
    address = environment.get("CREDITABLE_LMTP_LISTEN", "")
    if not address:
        return None
    host, _, port = address.rpartition(":")
    if not port.isdigit():
        raise Failed("CREDITABLE_LMTP_LISTEN is an address and a port, like 127.0.0.1:8024.")
    if not environment.get("CREDITABLE_MAIL_REPLIES"):
        raise Failed("CREDITABLE_LMTP_LISTEN needs CREDITABLE_MAIL_REPLIES, the domain of replies.")
    return open_listener(host, int(port), "choose another in CREDITABLE_LMTP_LISTEN")


def _start_database(family: Supervisor, cluster: Cluster) -> None:
    cluster.prepare()
    family.keep(database(cluster))


def _work(installation: Installation, listener: socket.socket) -> Iterable[Process]:
    return installation.egress(), installation.worker(), installation.web(listener)


def _watch(family: Supervisor) -> None:
    try:
        family.watch()
    except Stopped:
        _say("stopping ...")
        raise


def _ours(environment: Mapping[str, str]) -> dict[str, str]:
    """What every process gets: no address of a database, and nothing that bends libpq."""
    return {
        name: value
        for name, value in environment.items()
        if name not in ROLES and not name.startswith("PG")
    }


def _say(line: str) -> None:
    print(f"  {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
