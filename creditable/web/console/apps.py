from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "creditable.web.console"
    label = "web_console"
