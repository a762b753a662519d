"""Routes of what opens without a network; they are for anybody and hold nothing of anybody."""

from django.urls import path

from .views import shell

app_name = "onsite"
urlpatterns = [
    path("sw.js", shell.worker, name="worker"),
    path("onsite/", shell.shell, name="shell"),
    path("onsite/who/", shell.who, name="who"),
]
