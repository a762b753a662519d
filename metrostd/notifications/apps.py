from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "metrostd.notifications"
    label = "notifications"
    verbose_name = "消息"

    def ready(self) -> None:
        from . import hooks  # noqa: F401, PLC0415 -- registers with the platform
