from typing import Any

from django.core.management.base import BaseCommand

from creditable.ops import grants


class Command(BaseCommand):
    help = "Gives every database login exactly its rights. Run as the owner after `migrate`."

    def handle(self, *args: Any, **options: Any) -> None:
        grants.apply()
