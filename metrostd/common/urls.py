"""Background jobs."""

from django.urls import path

from . import job_views

app_name = "common"
urlpatterns = [
    path("workers/", job_views.watch_workers, name="workers"),
    path("<int:pk>/", job_views.job, name="job"),
    path("<int:pk>/download/", job_views.download, name="download"),
    path("<int:pk>/retry/", job_views.retry_job, name="retry_job"),
]
