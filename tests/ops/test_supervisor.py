"""The supervisor on real processes. It owns its process's signals, so it runs as a program."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from creditable.ops.supervisor import Failed, take_place
from tests.ops.conftest import Eventually, Launch, alive, kill

FAMILY = """
import os, sys
from pathlib import Path
from creditable.ops.children import spawn
from creditable.ops.supervisor import Failed, Process, Stopped, Supervisor, open_log, take_place

folder = Path(sys.argv[1])
logs = folder / "logs"
say = lambda line: print(line, flush=True)

def process(name, script, *, ready=lambda child: True, **limits):
    def start():
        log = open_log(logs, name)
        try:
            return spawn(["sh", "-c", script], environment=os.environ, directory=folder, output=log)
        finally:
            os.close(log)
    return Process(name, start, ready, **limits)

def server(name, then=":", **limits):
    '''Writes its pid, and its name into the list of the ended on SIGTERM.'''
    (folder / f"{name}.pid").unlink(missing_ok=True)
    script = (
        f"trap 'echo {name} >> ended; exit 0' TERM; {then};"
        f" echo $$ > {name}.pid.new; mv {name}.pid.new {name}.pid; while :; do sleep 0.05; done"
    )
    return process(name, script, ready=lambda child: (folder / f"{name}.pid").exists(), **limits)

try:
    take_place(folder)
    with Supervisor(logs=logs, say=say) as family:
        exec(sys.argv[2])
        say("all up")
        family.watch()
except Stopped as reason:
    say(f"stopped by {reason}")
except Failed as problem:
    sys.exit(str(problem))
"""

Family = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def family(tmp_path: Path, launch: Launch) -> Family:
    """A supervisor of the processes that the script keeps; returns once all are up."""

    def start(script: str) -> "subprocess.Popen[str]":
        supervisor = launch(sys.executable, "-c", FAMILY, tmp_path, script)
        assert supervisor.stdout
        assert supervisor.stdout.readline() == "all up\n"
        return supervisor

    return start


def pid_of(folder: Path, name: str) -> int:
    return int((folder / f"{name}.pid").read_text())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_request_to_stop_ends_all_last_started_first(
    family: Family, tmp_path: Path, number: signal.Signals
) -> None:
    supervisor = family("for name in ('database', 'worker', 'web'): family.keep(server(name))")
    supervisor.send_signal(number)
    output, _ = supervisor.communicate(timeout=30)
    assert output == f"stopped by {number.name}\n"
    assert supervisor.returncode == 0
    assert (tmp_path / "ended").read_text().split() == ["web", "worker", "database"]


def test_one_that_dies_is_started_again_and_it_is_said(
    family: Family, tmp_path: Path, eventually: Eventually
) -> None:
    supervisor = family("family.keep(server('worker')); family.keep(server('web'))")
    first, web = pid_of(tmp_path, "worker"), pid_of(tmp_path, "web")
    kill(first)
    eventually(lambda: pid_of(tmp_path, "worker") != first)
    assert supervisor.stdout
    said = supervisor.stdout.readline()
    assert "worker was ended by signal 9" in said
    assert "worker.log" in said
    assert pid_of(tmp_path, "web") == web, "the others stay as they are"
    again = pid_of(tmp_path, "worker")
    supervisor.terminate()
    supervisor.communicate(timeout=30)
    assert not alive(again)


def test_one_that_keeps_dying_waits_longer_each_time(family: Family) -> None:
    supervisor = family("family.keep(process('worker', 'sleep 0.1; exit 3'))")
    assert supervisor.stdout
    said = [supervisor.stdout.readline() for _ in range(4)]
    pauses = [float(line.partition(" again in ")[2].split()[0]) for line in said if "again" in line]
    assert len(pauses) >= 2
    assert pauses == sorted(set(pauses))
    assert "ended with code 3" in said[0]
    supervisor.terminate()


def test_killing_the_supervisor_leaves_nobody_and_blocks_nothing(
    family: Family, tmp_path: Path, eventually: Eventually
) -> None:
    script = "family.keep(server('database')); family.keep(server('web'))"
    supervisor = family(script)
    pids = [pid_of(tmp_path, name) for name in ("database", "web")]
    kill(supervisor.pid)
    supervisor.wait()
    eventually(lambda: not any(map(alive, pids)))
    family(script)


def test_what_a_dead_process_had_started_goes_with_it(
    family: Family, tmp_path: Path, eventually: Eventually
) -> None:
    family("family.keep(server('web', then='sleep 600 & echo $! > grandchild'))")
    grandchild = int((tmp_path / "grandchild").read_text())
    assert alive(grandchild)
    kill(pid_of(tmp_path, "web"))
    eventually(lambda: not alive(grandchild))


def test_one_that_will_not_stop_is_killed_after_its_limit(family: Family, tmp_path: Path) -> None:
    supervisor = family(
        "family.keep(process('deaf', 'trap : TERM; echo $$ > deaf.pid; while :; do sleep 1; done',"
        " ready=lambda child: (folder / 'deaf.pid').exists(), stop_seconds=0.3))"
    )
    deaf = pid_of(tmp_path, "deaf")
    supervisor.terminate()
    supervisor.communicate(timeout=30)
    assert not alive(deaf)


def failing(launch: Launch, tmp_path: Path, script: str) -> str:
    supervisor = launch(sys.executable, "-c", FAMILY, tmp_path, script)
    output, _ = supervisor.communicate(timeout=30)
    assert supervisor.returncode == 1
    return output


def test_a_process_that_ends_while_starting_stops_all_with_its_last_words(
    launch: Launch, tmp_path: Path
) -> None:
    output = failing(
        launch,
        tmp_path,
        "family.keep(server('database'));"
        "family.keep(process('web', 'echo no such setting; exit 2', ready=lambda child: False))",
    )
    assert "web ended while starting." in output
    assert "web | no such setting" in output
    assert not alive(pid_of(tmp_path, "database"))


def test_a_process_that_never_gets_ready_stops_all(launch: Launch, tmp_path: Path) -> None:
    output = failing(
        launch,
        tmp_path,
        "family.keep(server('database'));"
        "family.keep(process('web', 'echo $$ > web.pid; sleep 600', ready=lambda child: False,"
        " start_seconds=0.3))",
    )
    assert "web was not ready" in output
    assert not alive(pid_of(tmp_path, "database"))
    assert not alive(pid_of(tmp_path, "web"))


def test_a_task_that_fails_stops_all_with_its_last_words(launch: Launch, tmp_path: Path) -> None:
    output = failing(
        launch,
        tmp_path,
        "family.keep(server('database'));"
        "family.finish(process('migrate', 'echo fine')); print('one is done', flush=True);"
        "family.finish(process('seed', 'echo no such course; exit 1'))",
    )
    assert output.startswith("one is done\n")
    assert "seed failed." in output
    assert "seed | no such course" in output
    assert not alive(pid_of(tmp_path, "database"))


def test_a_folder_has_one_supervisor(family: Family, tmp_path: Path) -> None:
    supervisor = family("family.keep(server('web'))")
    with pytest.raises(Failed, match=f"process {supervisor.pid}.*--data"):
        take_place(tmp_path)
