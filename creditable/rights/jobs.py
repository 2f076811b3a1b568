"""What the worker does for people's rights."""

from uuid import UUID

from creditable.jobs import job
from creditable.lib.actor import Actor
from creditable.rights import contact, followers


@job("rights.tell_held")
def tell_held(*, after: str = str(contact.FIRST)) -> None:
    contact.tell_all(by=Actor.system("policy"), after=UUID(after))


@job("rights.tell_followers")
def tell_followers(*, version: int) -> None:
    followers.tell(version=version, by=Actor.system("policy"))
