from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "metrostd.lists"
    label = "lists"
    verbose_name = "名单"

    def ready(self) -> None:
        from . import hooks, panels, runners  # noqa: F401, PLC0415 -- registers what lists add
