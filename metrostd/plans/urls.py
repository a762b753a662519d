"""Routes of work plans."""

from django.urls import path

from . import views

app_name = "plans"
urlpatterns = [
    path("", views.index, name="index"),
    path("ask/", views.ask, name="ask"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/submit/", views.submit, name="submit"),
    path("<int:pk>/file/", views.file, name="file"),
    path("<int:pk>/send-back/", views.send_back, name="send_back"),
    path("<int:pk>/revise/", views.revise, name="revise"),
    path("<int:pk>/paper/", views.paper, name="paper"),
]
