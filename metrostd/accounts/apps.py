from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "metrostd.accounts"
    label = "accounts"
    verbose_name = "账户与身份"

    def ready(self) -> None:
        from . import hooks  # noqa: F401, PLC0415 -- registers with the platform
