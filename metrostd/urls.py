"""All routes. Which of them are public is listed in tests/test_routes.py."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from metrostd.common import views as common

handler400 = "metrostd.common.refusals.bad_request"
handler403 = "metrostd.common.refusals.forbidden"
handler500 = "metrostd.common.refusals.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("campaigns.desk_urls")),
    path("accounts/", include("metrostd.accounts.urls")),
    path("inbox/", include("metrostd.notifications.urls")),
    path("reminders/", include("metrostd.reminders.urls")),
    path("trail/", include("metrostd.trail.urls")),
    path("registry/", include("metrostd.registry.urls")),
    path("registry/", include("metrostd.lists.urls")),
    path("registry/", include("metrostd.changes.urls")),
    path("campaigns/", include("campaigns.urls")),
    path("notices/", include("metrostd.notices.public_urls")),
    path("notices/desk/", include("metrostd.notices.urls")),
    path("plans/", include("metrostd.plans.urls")),
    path("complaints/", include("metrostd.complaints.public_urls")),
    path("complaints/desk/", include("metrostd.complaints.urls")),
    path("self-checks/", include("selfcheck.urls")),
    path("inspections/", include("inspections.urls")),
    path("", include("inspections.onsite_urls")),
    path("rectification/", include("rectification.urls")),
    path("coordination/", include("metrostd.coordination.urls")),
    path("risk/", include("metrostd.risk.urls")),
    path("reports/", include("reporting.urls")),
    path("bulletins/", include("reporting.public_urls")),
    path("jobs/", include("metrostd.common.urls")),
    path("my-lists/", include("metrostd.common.kept_list_urls")),
    path("admin/", admin.site.urls),
]

if settings.DEBUG:
    urlpatterns += [
        path("_gallery/", common.gallery, name="gallery"),
        path("_gallery/errors/<str:name>/", common.error_preview, name="error_preview"),
    ]
