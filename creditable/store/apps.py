from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "creditable.store"
    label = "store"
