"""One's own views of lists."""

from django.urls import path

from . import kept_list_views

app_name = "kept_lists"
urlpatterns = [
    path("", kept_list_views.index, name="index"),
    path("<int:pk>/remove/", kept_list_views.remove, name="remove"),
]
