"""Who does a thing: every verb is told with `by=`."""

from dataclasses import dataclass
from typing import Literal, Self
from uuid import UUID

Kind = Literal["person", "staff", "system", "outside"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts: a person for themselves, a member of staff, a part of the program
    or a party outside. `subject_id` is the pseudonym of a person or member of staff; `name`
    says which part of the program or which party it was."""

    kind: Kind
    subject_id: UUID | None = None
    name: str = ""

    @classmethod
    def person(cls, subject_id: UUID) -> Self:
        return cls("person", subject_id)

    @classmethod
    def staff(cls, subject_id: UUID) -> Self:
        return cls("staff", subject_id)

    @classmethod
    def system(cls, name: str) -> Self:
        return cls("system", name=name)

    @classmethod
    def outside(cls, name: str) -> Self:
        return cls("outside", name=name)
