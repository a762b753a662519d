from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "metrostd.registry"
    label = "registry"
    verbose_name = "单位与计量标准台账"
