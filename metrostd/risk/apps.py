from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RiskConfig(AppConfig):
    name = "metrostd.risk"
    label = "risk"
    verbose_name = "风险"

    def ready(self) -> None:
        from . import counting, hooks, runners  # noqa: F401, PLC0415 -- register with the layers below

        post_migrate.connect(counting.begin_anew, sender=self)
