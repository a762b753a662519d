from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "专项行动"

    def ready(self) -> None:
        from . import hooks, runners  # noqa: F401, PLC0415 -- registers what the app adds below
