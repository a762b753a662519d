from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "metrostd.notices"
    label = "notices"
    verbose_name = "通知和送达"

    def ready(self) -> None:
        from . import hooks, runners  # noqa: F401, PLC0415 -- register with the layers below
