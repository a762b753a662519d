"""Documents from templates."""

from django.template.loader import render_to_string


def render_pdf(template: str, context: dict) -> bytes:
    """Render a template of ``templates/<app>/pdf/`` from plain data to PDF bytes."""
    # WeasyPrint takes 0.4 s to load: only a process that prints pays for it.
    from .pdf import html_to_pdf  # noqa: PLC0415

    return html_to_pdf(render_to_string(template, context))
