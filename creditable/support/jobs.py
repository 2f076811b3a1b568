"""Mail that came in, read by the worker."""

from uuid import UUID

from creditable.jobs import job
from creditable.mail import arrivals
from creditable.support import inbound


@job(arrivals.READER)
def read_arrival(*, arrival_id: str) -> None:
    inbound.read(arrival_id=UUID(arrival_id))
