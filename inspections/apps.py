from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "inspections"
    verbose_name = "现场检查"

    def ready(self) -> None:
        """Register with the extension points of campaigns and the job runner."""
        from . import desk, handing, hooks, panels, runners  # noqa: F401, PLC0415 -- importing registers them
        from .joint import counts  # noqa: F401, PLC0415 -- and this, too
