from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "creditable.audit"
    label = "audit"
