from django.apps import AppConfig


class RectificationConfig(AppConfig):
    name = "rectification"
    verbose_name = "整改与处理"

    def ready(self) -> None:
        from . import hooks, panels, runners  # noqa: F401, PLC0415 -- register with the layers below
