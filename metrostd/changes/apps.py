from django.apps import AppConfig


class ChangesConfig(AppConfig):
    name = "metrostd.changes"
    label = "changes"
    verbose_name = "更换、封存与撤销"

    def ready(self) -> None:
        from . import panels, runners  # noqa: F401, PLC0415 -- registers panels and what lays out papers
