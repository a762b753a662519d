"""What anybody may read without an account: published bulletins and nothing else."""

from django.urls import path

from .views import public

app_name = "bulletins"
urlpatterns = [
    path("", public.index, name="index"),
    path("<int:pk>/", public.bulletin, name="bulletin"),
]
