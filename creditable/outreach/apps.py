from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "creditable.outreach"
    label = "outreach"
