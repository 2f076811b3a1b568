from django.apps import AppConfig


class HooksConfig(AppConfig):
    name = "creditable.web.hooks"
    label = "web_hooks"
