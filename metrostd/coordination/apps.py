from django.apps import AppConfig


class CoordinationConfig(AppConfig):
    name = "metrostd.coordination"
    label = "coordination"
    verbose_name = "审批与监管协同"

    def ready(self) -> None:
        from . import hooks  # noqa: F401, PLC0415 -- register with the layers below
