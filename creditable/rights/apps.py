from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "creditable.rights"
    label = "rights"
