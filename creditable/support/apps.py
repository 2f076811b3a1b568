from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "creditable.support"
    label = "support"
