from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from creditable.ops import grants

ONE_AT_A_TIME = 7_316_482_091


class Command(BaseCommand):
    help = (
        "Brings the database to the newest form, gives each login its rights, lays out the static"
        " files and checks the installation. As the owner, before any other process starts."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        call_command("migrate", interactive=False, verbosity=0)
        grants.apply()
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("check", tags=["start"], deploy=True, databases=["default"])
