"""What anybody may read of a campaign from its start: its notice with the annexes (主动公开)."""

from django.urls import path

from .views import public

app_name = "notices_public"
urlpatterns = [
    path("", public.index, name="index"),
    path("<int:pk>/", public.notice, name="notice"),
    path("<int:pk>/file/", public.file, name="file"),
    path("annexes/<int:pk>/", public.annex, name="annex"),
]
