"""Files laid into a folder, whole or not at all; the same file again is the same delivery."""

import os
import re

from creditable.egress.destinations import Folder
from creditable.egress.outbox import Message
from creditable.egress.outcome import Delivered, Failed, Outcome, Refused, Unsendable

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,199}")


class FileDrop:
    def __init__(self, destination: Folder) -> None:
        self._folder = destination.path

    def carry(self, message: Message) -> Outcome:
        name = message.head.get("filename")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise Unsendable("the file name is not one")
        target = self._folder / name
        part = self._folder / f".{message.id}.part"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if target.exists():
                if target.read_bytes() == message.body:
                    return Delivered(200)
                return Refused(409, "another file of this name is there")
            with part.open("wb") as file:
                file.write(message.body)
                file.flush()
                os.fsync(file.fileno())
            # A link, unlike a rename, never replaces a file that came in between.
            os.link(part, target)
            part.unlink()
            _flush_folder(self._folder)
        except FileExistsError:
            part.unlink(missing_ok=True)
            return Failed("a file of this name came in between", arrived=False)
        except OSError as error:
            return Failed(f"{type(error).__name__}: {error.strerror}", arrived=False)
        return Delivered(201)

    def close(self) -> None:
        """Nothing is kept open."""


def _flush_folder(path: "os.PathLike[str]") -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
