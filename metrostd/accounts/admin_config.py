"""Stands in for ``django.contrib.admin`` in INSTALLED_APPS."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """The admin with the portal's own site."""

    default_site = "metrostd.accounts.admin_site.PortalAdminSite"
