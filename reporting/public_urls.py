"""What anybody may read without an account: published bulletins, results of draws and of inspections, and nothing else."""

from django.urls import path

from .views import public

app_name = "bulletins"
urlpatterns = [
    path("", public.index, name="index"),
    path("<int:pk>/", public.bulletin, name="bulletin"),
    path("<int:pk>/pdf/", public.pdf, name="pdf"),
    path("<int:pk>/record.json", public.record, name="record"),
    path("verify_draw.py", public.verifier, name="verifier"),
]
