"""A paper as a person gets it: asked for, made by the worker, fetched."""

import io

from django.test import Client
from django.urls import resolve
from pypdf import PdfReader

from metrostd.common.jobs import perform
from metrostd.common.models import Job

#: What an export of restricted material is asked for first.
PURPOSE = {"purpose_kind": "archive"}


def pages_of(client: Client, address: str) -> bytes:
    """The bytes of the paper at this address, once its job has been done."""
    answer = client.get(address)
    if answer.status_code == 302:
        job = Job.objects.get(pk=resolve(answer.url).kwargs["pk"])
        perform(job)
        answer = client.post(f"{answer.url}download/")
    elif answer.status_code == 202:
        perform(answer.context["job"])
        answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return b"".join(answer.streaming_content)


def text_of(pages: bytes) -> str:
    """What a paper says, without the breaks of its lines."""
    read = PdfReader(io.BytesIO(pages))
    return "".join("".join(page.extract_text().split()) for page in read.pages)
