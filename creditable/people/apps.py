from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "creditable.people"
    label = "people"
