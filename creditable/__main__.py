"""`python -m creditable <command>`: Django's commands with our settings."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditable.settings")
    execute_from_command_line(["python -m creditable", *sys.argv[1:]])
