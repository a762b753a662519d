from django.apps import AppConfig


class RiskConfig(AppConfig):
    name = "metrostd.risk"
    label = "risk"
    verbose_name = "风险"

    def ready(self) -> None:
        from . import hooks  # noqa: F401, PLC0415 -- register with the layers below
