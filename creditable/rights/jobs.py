"""What the worker does for people's rights."""

from creditable.jobs import job
from creditable.lib.actor import Actor
from creditable.rights import contact, followers


@job("rights.tell_held")
def tell_held() -> None:
    contact.tell_all(by=Actor.system("policy"))


@job("rights.tell_followers")
def tell_followers(*, version: int) -> None:
    followers.tell(version=version, by=Actor.system("policy"))
