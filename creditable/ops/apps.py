from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "creditable.ops"
    label = "ops"

    def ready(self) -> None:
        import creditable.ops.checks  # noqa: F401  (registers the start-up checks)
