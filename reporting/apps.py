from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = "统计与报表"

    def ready(self) -> None:
        from . import hooks, runners  # noqa: F401, PLC0415 -- register with the layers below
