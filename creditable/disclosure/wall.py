"""Whether a process has a way to any network. Where the host allows it, all but the sender run
without one (ops.children)."""

from pathlib import Path

_INTERFACES = Path("/proc/self/net/dev")


def ways_out(interfaces: Path = _INTERFACES) -> list[str]:
    """The network interfaces of a process besides the one that leads to itself."""
    lines = interfaces.read_text(encoding="utf-8").splitlines()[2:]
    names = [line.partition(":")[0].strip() for line in lines]
    return [name for name in names if name != "lo"]
