from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from creditable.ops import seed


class Command(BaseCommand):
    help = "Brings the demo's provider in: policy, courses, prices, people. Again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Only a demo is seeded: set CREDITABLE_DEMO=1.")
        seed.everything(settings.PROVIDER)
