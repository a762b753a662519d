"""The inbox, what leaves the portal, and other systems that are told."""

from django.urls import path

from .views import inbox, outbox, webhooks

app_name = "notifications"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("<int:pk>/open/", inbox.open_message, name="open"),
    path("read-all/", inbox.read_all, name="read_all"),
    path("channels/", outbox.channels, name="channels"),
    path("outbox/", outbox.index, name="outbox"),
    path("outbox/<int:pk>/", outbox.detail, name="envelope"),
    path("outbox/<int:pk>/again/", outbox.send_again, name="send_again"),
    path("webhooks/", webhooks.index, name="webhooks"),
    path("webhooks/new/", webhooks.create, name="webhook_create"),
    path("webhooks/<int:pk>/", webhooks.detail, name="webhook"),
    path("webhooks/<int:pk>/edit/", webhooks.edit, name="webhook_edit"),
    path("webhooks/<int:pk>/switch/", webhooks.switch, name="webhook_switch"),
    path("webhooks/<int:pk>/secret/", webhooks.renew_secret, name="webhook_secret"),
    path("webhooks/<int:pk>/try/", webhooks.try_out, name="webhook_try"),
    path("webhooks/<int:pk>/events/<int:event>/again/", webhooks.send_again, name="webhook_again"),
]
