from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "creditable.catalog"
    label = "catalog"
