from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "creditable.mail"
    label = "mail"
