from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "metrostd.registry"
    label = "registry"
    verbose_name = "单位与计量标准台账"

    def ready(self) -> None:
        from . import hooks, panels, runners  # noqa: F401, PLC0415 -- registers panels and background jobs
