"""The inbox."""

from django.urls import path

from .views import inbox, outbox

app_name = "notifications"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("<int:pk>/open/", inbox.open_message, name="open"),
    path("read-all/", inbox.read_all, name="read_all"),
    path("channels/", outbox.channels, name="channels"),
    path("outbox/", outbox.index, name="outbox"),
    path("outbox/<int:pk>/", outbox.detail, name="envelope"),
    path("outbox/<int:pk>/again/", outbox.send_again, name="send_again"),
]
