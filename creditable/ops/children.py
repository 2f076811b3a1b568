"""Child processes that never outlive us.

Every child asks the kernel for a signal at our death (PR_SET_PDEATHSIG), so that even SIGKILL of
this process leaves nothing behind. Linux only. Call `spawn` from the main thread: the kernel
watches the thread that started the child, not the process.
"""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_MAPPED_ID = 65534


@dataclass(frozen=True)
class Identity:
    """Under whom a child runs. `uid` and `gid` are the owners of its files as seen from outside;
    `assume` is called in the child, before its program starts."""

    name: str
    uid: int
    gid: int
    assume: Callable[[], None]


def ourselves() -> Identity:
    """The user who runs this program."""
    return Identity("this user", os.geteuid(), os.getegid(), lambda: None)


def account(name: str) -> Identity | None:
    """An account of this machine, which only root can assume; None when there is none."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None

    def assume() -> None:
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)

    return Identity(f"the account {name}", entry.pw_uid, entry.pw_gid, assume)


def namespaced() -> Identity:
    """This user under an ordinary user id inside a user namespace of its own: for programs that
    refuse to run as root while only root reaches their files."""
    uid, gid = os.geteuid(), os.getegid()

    def assume() -> None:
        _unshare(_CLONE_NEWUSER)
        _map(f"{_MAPPED_ID} {uid} 1", f"{_MAPPED_ID} {gid} 1")

    return Identity("a user namespace", uid, gid, assume)


def cut_off() -> None:
    """Leaves the calling process, and whatever it starts, without a way to any network: in a
    namespace whose one interface leads nowhere. Sockets that it holds already, and those in the
    file system, go on working."""
    uid, gid = os.geteuid(), os.getegid()
    try:
        _unshare(_CLONE_NEWNET)
    except PermissionError:  # without that right, within a user namespace of its own
        _unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
        _map(f"{uid} {uid} 1", f"{gid} {gid} 1")


def why_not_cut_off() -> str:
    """Tries it in a child: what the host has against it, "" where it works."""
    child = os.fork()
    if child == 0:
        try:
            cut_off()
        except OSError as refusal:
            os._exit(refusal.errno or 1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return os.strerror(code) if code > 0 else ""


def _unshare(flags: int) -> None:
    if _LIBC.unshare(flags) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _map(uids: str, gids: str) -> None:
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(uids)
    Path("/proc/self/gid_map").write_text(gids)


def die_with_parent(death_signal: signal.Signals, parent: int) -> None:
    """Have the kernel send `death_signal` to the calling process when its parent `parent` dies;
    ends the process at once if that has already happened. A change of user id forgets the wish,
    so it comes after any such change."""
    if _LIBC.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        os._exit(1)


def spawn(
    argv: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    directory: Path,
    output: IO[bytes] | int | None,
    death_signal: signal.Signals = signal.SIGKILL,
    identity: Identity | None = None,
    keep: Collection[int] = (),
    stdin: int | None = subprocess.DEVNULL,
    session: bool = True,
    umask: int = 0o077,
    walled: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a child that dies with us, in `directory`, with only the descriptors `keep` inherited.

    `output` takes its standard output and error (None: ours). A child in a `session` of its own
    does not get the terminal's Ctrl-C: whoever started it stops it. What it writes is private
    unless `umask` says otherwise (-1: as we do). A `walled` one has no way to any network.
    """
    parent = os.getpid()
    identity = identity or ourselves()

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        identity.assume()
        if walled:
            cut_off()
        die_with_parent(death_signal, parent)
        os.chdir(directory)

    return subprocess.Popen(
        [str(word) for word in argv],
        env=dict(environment),
        stdin=stdin,
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
        pass_fds=tuple(keep),
        start_new_session=session,
        umask=umask,
        preexec_fn=prepare,  # noqa: PLW1509 - our starters have one thread
    )


def stop(
    child: subprocess.Popen[bytes], *, order: Sequence[signal.Signals], seconds: float
) -> None:
    """Send each signal of `order` in turn, waiting `seconds` after each for the child to end, and
    SIGKILL to what is left of its session at last. Returns when the child is reaped."""
    for each in order:
        if child.poll() is not None:
            break
        child.send_signal(each)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
    sweep(child.pid)
    child.wait()


def sweep(session: int) -> None:
    """SIGKILL what is left of the session that the child with this process id led."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(session, signal.SIGKILL)
