"""Rules of reminding."""

from django.urls import path

from . import views

app_name = "reminders"
urlpatterns = [
    path("rules/", views.index, name="index"),
    path("rules/new/", views.create, name="create"),
    path("rules/<int:pk>/", views.edit, name="edit"),
    path("rules/<int:pk>/switch/", views.switch, name="switch"),
    path("rules/<int:pk>/delete/", views.delete, name="delete"),
    path("go-on/", views.go_on, name="go_on"),
    path("preview/", views.preview, name="preview"),
    path("texts/", views.texts, name="texts"),
    path("texts/<slug:key>/", views.text, name="text"),
]
