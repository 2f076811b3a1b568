from django.apps import AppConfig


class ClassroomConfig(AppConfig):
    name = "creditable.web.classroom"
    label = "web_classroom"
