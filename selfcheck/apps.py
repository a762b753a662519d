from django.apps import AppConfig


class SelfcheckConfig(AppConfig):
    name = "selfcheck"
    verbose_name = "自查"

    def ready(self) -> None:
        from . import hooks, panels, runners  # noqa: F401, PLC0415 -- join the extension points below
