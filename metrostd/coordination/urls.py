"""Routes of coordination."""

from django.urls import path

from . import views

app_name = "coordination"
urlpatterns = [
    path("", views.index, name="index"),
    path("read/", views.read, name="read"),
]
