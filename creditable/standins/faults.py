"""Failures on demand: armed through the control page or its JSON twin, each strikes as often
as it was told to and is then gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from creditable.standins.records import Records

MAX_SECONDS = 600


class UnknownFault(ValueError):
    """No such fault, or a number that makes no sense. The text says what there is."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to fail: what the control page says about it, and whether it takes seconds."""

    label: str
    seconds: bool = False


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault that strikes now. `seconds` is 0 where the fault takes none."""

    name: str
    seconds: float


class Faults:
    """The faults that are armed. `times` 0 strikes every time until it is cleared."""

    def __init__(self, records: Records, kinds: Mapping[str, Kind]) -> None:
        self._records = records
        self.kinds = kinds

    def arm(self, name: str, *, seconds: float = 0, times: int = 1) -> None:
        kind = self.kinds.get(name)
        if kind is None:
            raise UnknownFault(f"There is no fault {name!r}. There is: {', '.join(self.kinds)}.")
        if times < 0:
            raise UnknownFault("A fault strikes a number of times, or 0 for every time.")
        if not 0 <= seconds <= MAX_SECONDS:
            raise UnknownFault(f"Seconds lie between 0 and {MAX_SECONDS}.")
        if seconds and not kind.seconds:
            raise UnknownFault(f"The fault {name!r} takes no seconds.")
        self._records.put(
            "fault", name, {"fault": name, "seconds": seconds, "times": times, "left": times}
        )

    def strike(self, name: str) -> Struck | None:
        """The fault, if it is armed; one of its times is used up by asking."""
        if name not in self.kinds:
            raise KeyError(name)
        with self._records.transaction():
            armed = self._records.get("fault", name)
            if armed is None:
                return None
            if armed["times"]:
                armed["left"] -= 1
                if armed["left"]:
                    self._records.put("fault", name, armed)
                else:
                    self._records.delete("fault", name)
            return Struck(name, float(armed["seconds"]))

    def armed(self) -> list[dict[str, Any]]:
        return self._records.all("fault")

    def clear(self) -> None:
        self._records.clear("fault")
