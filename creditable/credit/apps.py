from django.apps import AppConfig


class CreditConfig(AppConfig):
    name = "creditable.credit"
    label = "credit"
