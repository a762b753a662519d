"""The 工作台, outside any namespace because every sign-in leads there."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
