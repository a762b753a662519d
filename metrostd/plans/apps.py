from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "metrostd.plans"
    label = "plans"
    verbose_name = "工作计划"

    def ready(self) -> None:
        from . import hooks  # noqa: F401, PLC0415 -- joins what is below
