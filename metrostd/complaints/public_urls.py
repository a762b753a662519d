"""What anybody may use without an account to be heard (通知三(一) 畅通投诉举报途径)."""

from django.urls import path

from .views import public

app_name = "complaints_public"
urlpatterns = [
    path("", public.index, name="index"),
    path("new/", public.create, name="create"),
    path("follow/", public.follow, name="follow"),
    path("forget/", public.forget, name="forget"),
    path("poster/<str:code>/", public.poster, name="poster"),
]
