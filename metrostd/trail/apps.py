from django.apps import AppConfig


class TrailConfig(AppConfig):
    name = "metrostd.trail"
    label = "trail"
    verbose_name = "审计"
