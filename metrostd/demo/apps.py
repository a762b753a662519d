from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "metrostd.demo"
    label = "demo"
    verbose_name = "示例城市"
