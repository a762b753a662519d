from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "metrostd.notifications"
    label = "notifications"
    verbose_name = "消息"
