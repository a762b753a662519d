"""The papers of an order on file: queued for rendering, rendered once, then kept as they are."""

import dataclasses
from collections.abc import Callable, Iterator

from django.db.models import QuerySet

from inspections.stop_papers import taken_back
from metrostd.common.actors import Actor
from metrostd.common.jobs import start_job
from metrostd.common.models import Job, StoredFile
from metrostd.common.press import Wanted
from metrostd.common.uploads import PDF, store_bytes

from . import documents, queries
from .enums import OrderState, ReviewResult
from .models import OrderItem, Rectification, RectificationOrder, WithdrawnItem

ORDER_JOB = "rectification.order_pdf"
PREVIEW_NUMBER = "（预览，未编号）"
CONFIRMATION_JOB = "rectification.confirmation_pdf"
WITHDRAWAL_JOB = "rectification.withdrawal_pdf"
#: Kinds of papers as they are laid out by the hundred.
ORDER, CONFIRMATION = "rectification.order", "rectification.confirmation"


def render_order(order: RectificationOrder, *, actor: Actor | None) -> Job:
    """Keep what the order says when it is issued and queue its rendering; rendered once, it stays as it is."""
    if not order.words:
        _keep(order, words=_order_paper(order))
    return start_job(ORDER_JOB, title=f"生成{order}", owner=actor, order=order.pk)


def render_confirmation(order: RectificationOrder, *, actor: Actor | None) -> Job:
    """Keep what 整改情况确认单 says when all is confirmed and queue its rendering."""
    if not order.confirmed_words:
        _keep(order, confirmed_words=_confirmation_paper(order))
    return start_job(CONFIRMATION_JOB, title=f"生成{order}的确认单", owner=actor, order=order.pk)


def render_withdrawn(order: RectificationOrder, *, actor: Actor | None) -> Job:
    """Queue the paper of a withdrawn order as it is printed from now on; the issued one is kept."""
    return start_job(WITHDRAWAL_JOB, title=f"生成{order}的撤回件", owner=actor, order=order.pk)


def last_job(order: RectificationOrder, kind: str) -> Job | None:
    """The last job that was to render this paper of an order."""
    return Job.objects.filter(kind=kind, arguments__order=order.pk).first()


def preview(order: RectificationOrder, items: list[OrderItem]) -> documents.OrderPaper:
    """What an order not issued yet would say, to be read on the page of the real one; keeps nothing."""
    order.number = PREVIEW_NUMBER
    certificates = queries.certificate_numbers(item.finding.standard_id for item in items)
    loose = WithdrawnItem.objects.filter(
        finding__in=[item.finding for item in items], replaced_by=None
    )
    paper = documents.order_paper(
        order, items, certificates=certificates, replaces=_replaced(loose)
    )
    return dataclasses.replace(paper, is_preview=True)


def store_order_paper(order: RectificationOrder) -> StoredFile:
    """Render and keep the paper of an order; a paper once kept is not replaced."""
    if order.document is not None:
        return order.document
    return _store(order, "document", documents.order_pdf(_kept_paper(order)))


def store_withdrawn_paper(order: RectificationOrder) -> StoredFile:
    """Render and keep the words of a withdrawn order with 已撤回, the day and the reason on them."""
    if order.withdrawn_document is not None:
        return order.withdrawn_document
    return _store(order, "withdrawn_document", documents.order_pdf(_withdrawn_paper(order)))


def store_confirmation_paper(order: RectificationOrder) -> StoredFile:
    """Render and keep the confirmation of an order whose findings have all been verified."""
    if order.confirmation is not None:
        return order.confirmation
    kept = order.confirmed_words
    paper = documents.confirmation_paper_of(kept) if kept else _confirmation_paper(order)
    return _store(order, "confirmation", documents.confirmation_pdf(paper))


def unmade(order: RectificationOrder) -> Iterator[Wanted]:
    """The papers of an order that are not on file yet, to be laid out of the words that were kept."""

    def kept_as(name: str) -> Callable[[bytes], StoredFile]:
        return lambda made: _store(order, name, made)

    if order.words and order.document_id is None:
        yield Wanted(ORDER, order.words, kept_as("document"))
    if order.words and order.state == OrderState.WITHDRAWN and order.withdrawn_document_id is None:
        words = dataclasses.asdict(_withdrawn_paper(order))
        yield Wanted(ORDER, words, kept_as("withdrawn_document"))
    if (
        order.confirmed_words
        and order.state == OrderState.VERIFIED
        and order.confirmation_id is None
    ):
        yield Wanted(CONFIRMATION, order.confirmed_words, kept_as("confirmation"))


def _store(order: RectificationOrder, name: str, made: bytes) -> StoredFile:
    """Keep a paper of an order under ``name``; one that has been kept meanwhile is not replaced."""
    stored = store_bytes(made, media_type=PDF)
    RectificationOrder.objects.filter(pk=order.pk, **{name: None}).update(**{name: stored})
    return stored


def _withdrawn_paper(order: RectificationOrder) -> documents.OrderPaper:
    said = taken_back(order.withdrawn_at, order.withdrawal_reason)
    return dataclasses.replace(_kept_paper(order), withdrawn=said)


def _keep(
    order: RectificationOrder, **papers: documents.OrderPaper | documents.ConfirmationPaper
) -> None:
    values = {name: dataclasses.asdict(paper) for name, paper in papers.items()}
    RectificationOrder.objects.filter(pk=order.pk).update(**values)
    for name, words in values.items():
        setattr(order, name, words)


def _kept_paper(order: RectificationOrder) -> documents.OrderPaper:
    kept = order.words
    return documents.order_paper_of(kept) if kept else _order_paper(order)


def _order_paper(order: RectificationOrder) -> documents.OrderPaper:
    items = _items(order)
    certificates = queries.certificate_numbers(item.finding.standard_id for item in items)
    before = _replaced(order.replaced_items.all())
    return documents.order_paper(order, items, certificates=certificates, replaces=before)


def _replaced(rows: QuerySet[WithdrawnItem]) -> list[str]:
    """The withdrawn orders an order takes the place of, by their numbers."""
    return sorted(set(rows.values_list("order__number", flat=True)))


def _confirmation_paper(order: RectificationOrder) -> documents.ConfirmationPaper:
    items = _items(order)
    reports = {
        report.finding_id: report
        for report in Rectification.objects.filter(
            finding__order_item__order=order, review__result=ReviewResult.PASSED
        ).select_related("review__reviewed_by")
    }
    return documents.confirmation_paper(
        order,
        [(item, reports[item.finding_id]) for item in items if item.finding_id in reports],
        certificates=queries.certificate_numbers(item.finding.standard_id for item in items),
        files={
            pk: len(rows)
            for pk, rows in queries.files_by_finding(item.finding_id for item in items).items()
        },
    )


def _items(order: RectificationOrder) -> list[OrderItem]:
    return list(order.items.select_related("finding__standard", "finding__item").order_by("pk"))
