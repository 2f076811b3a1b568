from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "creditable.web.shop"
    label = "web_shop"
