from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "creditable.ops"
    label = "ops"
