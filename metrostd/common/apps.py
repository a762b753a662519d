from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "metrostd.common"
    label = "common"
    verbose_name = "平台"

    def ready(self) -> None:
        from . import checks  # noqa: F401, PLC0415 -- registers the system checks
        from .long_lists import take_long_lists  # noqa: PLC0415 -- knows models

        take_long_lists()
