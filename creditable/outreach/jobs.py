"""What the worker does for campaigns."""

from uuid import UUID

from creditable.jobs import job
from creditable.lib.actor import Actor
from creditable.outreach import campaigns


@job("outreach.send")
def send(*, campaign_id: str) -> None:
    campaigns.send(campaign_id=UUID(campaign_id), by=Actor.system("campaign"))
