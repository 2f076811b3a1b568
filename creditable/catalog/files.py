"""Files that somebody hands us: read with a limit, refused with their place."""

from pathlib import Path

from creditable.lib.refusal import Refused
from creditable.policy.source import Problem


class ImportRefused(Refused):
    """A file or folder that cannot be taken as it is; `problems` lists every reason."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems), code="import")


def text_of(path: Path, name: str, most: int, problems: list[Problem]) -> str | None:
    """The text of a file of ours or of strangers; None, with a problem, when there is none."""
    try:
        if path.stat().st_size > most:
            problems.append(
                Problem(name, 1, "the file is too large", f"Keep it below {most // 1024} KB.")
            )
            return None
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        problems.append(Problem(name, 1, "not UTF-8 text", "Save the file as UTF-8."))
    except OSError:
        problems.append(Problem(name, 1, "no such file", "Correct the path or add the file."))
    return None
