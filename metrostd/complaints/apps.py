from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "metrostd.complaints"
    label = "complaints"
    verbose_name = "投诉举报"

    def ready(self) -> None:
        from . import hooks  # noqa: F401, PLC0415 -- register with the layers below
