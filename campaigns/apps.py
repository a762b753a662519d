from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "专项行动"

    def ready(self) -> None:
        from . import hand_over_hooks, hooks, panels, register_duties, runners  # noqa: F401, PLC0415 -- join what is below
