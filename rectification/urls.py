"""Routes of rectification."""

from django.urls import URLPattern

app_name = "rectification"
urlpatterns: list[URLPattern] = []
