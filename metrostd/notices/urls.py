"""Routes of notices for those who write and receive them."""

from django.urls import path

from .views import desk

app_name = "notices"
urlpatterns = [
    path("", desk.index, name="index"),
    path("new/", desk.create, name="create"),
    path("<int:pk>/", desk.detail, name="detail"),
    path("<int:pk>/edit/", desk.edit, name="edit"),
    path("<int:pk>/annexes/", desk.add_annex, name="add_annex"),
    path("annexes/<int:pk>/drop/", desk.drop_annex, name="drop_annex"),
    path("<int:pk>/issue/", desk.issue, name="issue"),
    path("<int:pk>/deliver/", desk.go_on_delivering, name="go_on_delivering"),
    path("<int:pk>/withdraw/", desk.withdraw, name="withdraw"),
    path("<int:pk>/chase/", desk.chase, name="chase"),
    path("<int:pk>/export/", desk.export, name="export"),
    path("<int:pk>/file/", desk.file, name="file"),
    path("annexes/<int:pk>/", desk.annex, name="annex"),
]
