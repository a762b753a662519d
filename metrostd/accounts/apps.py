from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "metrostd.accounts"
    label = "accounts"
    verbose_name = "账户与身份"
