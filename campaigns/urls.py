"""Routes of campaigns."""

from django.urls import path

from . import desk

app_name = "campaigns"
urlpatterns = [
    path("choose/<int:pk>/", desk.choose, name="choose"),
    path("duties/<int:pk>/", desk.duty, name="duty"),
]
