from django.apps import AppConfig


class TrailConfig(AppConfig):
    name = "metrostd.trail"
    label = "trail"
    verbose_name = "审计"

    def ready(self) -> None:
        from . import hooks, runners  # noqa: F401, PLC0415 -- registers the check as a job
