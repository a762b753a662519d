from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "metrostd.reminders"
    label = "reminders"
    verbose_name = "提醒"

    def ready(self) -> None:
        from . import hooks, reference  # noqa: F401, PLC0415 -- registers with the platform
