"""How a verb says no to a person."""


class Refused(Exception):
    """What was asked cannot be done, and nothing was changed. `message` is for the person who
    asked: what happened, what was kept, what to do next. `field` names the form's field at
    fault, `code` lets a program tell refusals apart."""

    def __init__(self, message: str, *, field: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code
