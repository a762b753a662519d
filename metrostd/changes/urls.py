"""Routes of applications for 更换、封存、撤销、恢复使用."""

from django.urls import path

from .views import acts, applications

app_name = "changes"
urlpatterns = [
    path("standards/<int:pk>/changes/new/", applications.create, name="create"),
    path("changes/", applications.index, name="index"),
    path("changes/export/", applications.export, name="export"),
    path("changes/<int:pk>/", applications.detail, name="detail"),
    path("changes/<int:pk>/edit/", applications.edit, name="edit"),
    path("changes/<int:pk>/submit/", acts.submit, name="submit"),
    path("changes/<int:pk>/take-back/", acts.take_back, name="take_back"),
    path("changes/<int:pk>/decide/", acts.decide, name="decide"),
    path("changes/<int:pk>/attach/", acts.attach, name="attach"),
    path("changes/<int:pk>/paper/", acts.paper, name="paper"),
    path("changes/files/<int:pk>/", acts.file, name="file"),
    path("changes/files/<int:pk>/remove/", acts.detach, name="file_remove"),
]
