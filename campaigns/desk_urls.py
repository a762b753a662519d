"""The 工作台, outside any namespace because every sign-in leads there."""

from django.urls import path

from . import desk

urlpatterns = [path("", desk.desk, name="desk")]
