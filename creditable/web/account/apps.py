from django.apps import AppConfig


class AccountConfig(AppConfig):
    name = "creditable.web.account"
    label = "web_account"
