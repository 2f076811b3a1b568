from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "creditable.learning"
    label = "learning"
