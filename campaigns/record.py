"""The record of a draw as JSON: everything anybody needs to compute it again, without this portal.

``docs/verify_draw.py`` reads it and needs nothing else. Keys stand in the order in which they are printed;
what is hashed is always canonical JSON of the part concerned.
"""

from collections.abc import Sequence

from metrostd.common.shapes import Context

from . import bureau_draws, frames, settling, terms
from .enums import DrawKind, DrawState, TermsState
from .models import DrawnUnit, DrawRun, DrawTerms, SamplingFrame, SupplementaryDraw
from .protocol import hashing
from .protocol.order import Drawn


def of_run(run: DrawRun) -> Context:
    """The whole record of a draw made under terms."""
    row = _terms_of(terms.of_run(run))
    drawn = run.drawn.order_by("order").prefetch_related("standards__field", "standards__standard")
    rows = list(drawn)
    keys = _Keys(run.frame)
    chance = [r for r in rows if r.kind == DrawKind.RANDOM and r.supplement_id is None]
    first = bureau_draws.as_json(run) if run.frame.of_bureaus else [keys.drawn(r) for r in chance]
    record: Context = {
        "algorithm": run.algorithm,
        "rehearsal": False,
        "kind": row.kind,
        "campaign": run.frame.campaign.code,
        "authority": run.frame.authority.code,
        "number": row.number,
        "frame": frames.json_of(run.frame),
        "ratio": run.ratio,
        "required": run.required,
    }
    record |= _made(row, seed=run.seed, result=run.result_hash, drawn=first)
    record |= {
        "state": run.state,
        "record_no": run.record_no,
        "directed": [keys.directed(r) for r in rows if r.kind == DrawKind.DIRECTED],
        "struck": [keys.struck(r) for r in rows if r.struck_at],
        "later": [_later(extra, keys) for extra in run.supplements.select_related("terms")],
        "earlier": [of_earlier(t) for t in earlier_of(row)],
        "voided": [_voided(each) for each in voided_before(run)],
        "shown": {"at": _time(run.frame.shown_at), "changes": run.frame.changes},
        "trail_head": run.facts.get("trail_head", ""),
    }
    return record


def _terms_of(row: DrawTerms | None) -> DrawTerms:
    if row is None:
        raise ValueError("a draw of the first algorithm has no terms")
    return row


def _made(row: DrawTerms, *, seed: str, result: str, drawn: list[dict[str, object]]) -> Context:
    """From the terms to the result; the order in which things happened."""
    return {
        "terms": row.content,
        "terms_hash": row.hash,
        "commitment": row.commitment,
        "committed_at": _time(row.announced_at),
        "receipts": [{"by": row.receipt, "at": _time(row.acknowledged_at)}],
        "public": {
            "value": row.value,
            "entered_by": str(row.entered_by or ""),
            "entered_at": _time(row.entered_at),
            "confirmed_by": str(row.confirmed_by or ""),
        }
        | _witnesses(row),
        "nonce": row.nonce,
        "seed": seed,
        "drawn_at": _time(row.confirmed_at),
        "drawn": drawn,
        "result_hash": result,
    }


def _witnesses(row: DrawTerms) -> Context:
    """Who committed to what and revealed which number; who did not, so that the fallback counted."""
    if not row.is_witnessed:
        return {}
    places = list(row.witnesses.all())
    told = [
        {
            "person": each.person,
            "commitment": each.commitment,
            "committed_at": _time(each.committed_at),
            "number": each.number,
            "salt": each.salt,
        }
        for each in places
    ]
    missing = [each.person for each in places if each.revealed_at is None]
    return {"witnesses": told, "missing": missing}


def _later(extra: SupplementaryDraw, keys: "_Keys") -> Context:
    row = _terms_of(extra.terms)
    rows = extra.drawn.order_by("order").prefetch_related("standards__field", "standards__standard")
    drawn = [keys.drawn(r) for r in rows]
    return {"kind": row.kind, "number": row.number} | _made(
        row, seed=extra.seed, result=extra.result_hash, drawn=drawn
    )


def earlier_of(row: DrawTerms) -> Sequence[DrawTerms]:
    """What the office announced before in this campaign, whatever became of it."""
    known = DrawTerms.objects.filter(
        campaign=row.campaign_id, authority=row.authority_id, number__lt=row.number
    )
    return list(known.select_related("frame__campaign", "frame__authority", "run"))


def of_earlier(row: DrawTerms) -> Context:
    """Earlier terms with their nonce and the list they gave or would have given."""
    told: Context = {
        "number": row.number,
        "kind": row.kind,
        "state": row.state,
        "why": " ".join(part for part in (row.get_ground_display(), row.end_note) if part),
        "terms": row.content,
        "terms_hash": row.hash,
        "commitment": row.commitment,
        "nonce": row.nonce if row.state in TermsState.over else "",
        "value": row.value,
        "drawn": [],
        "voided": [_voided(run) for run in row.runs.select_related("terms").order_by("pk")],
    }
    if told["nonce"] and row.value:
        told["drawn"] = [unit.as_json() for unit in would_have_given(row)]
    return told


def voided_before(run: DrawRun) -> Sequence[DrawRun]:
    """Draws under the same terms that were declared void for a mistyped value before this one was made."""
    rows = DrawRun.objects.filter(terms=run.terms_id, state=DrawState.VOID, pk__lt=run.pk)
    return list(rows.select_related("terms").order_by("pk")) if run.terms_id else []


def _voided(run: DrawRun) -> Context:
    row = _terms_of(terms.of_run(run))
    return {
        "record_no": run.record_no,
        "value": row.value,
        "seed": run.seed,
        "result_hash": run.result_hash,
    }


def would_have_given(row: DrawTerms) -> Sequence[Drawn]:
    """The list of terms that are over and whose value is known."""
    if row.state not in TermsState.over or not row.value or not terms.published_nonce(row):
        return ()
    return settling.result_of(row, settling.seed_of(row))


class _Keys:
    """Rows of a draw by the identities that were frozen; a directed unit outside the list by its own."""

    def __init__(self, frame: SamplingFrame) -> None:
        entries = frame.entries.values_list("unit_id", "unit_key", "standard_id", "standard_key")
        self._units: dict[int, str] = {}
        self._standards: dict[int, str] = {}
        for unit, unit_key, standard, standard_key in entries:
            self._units[unit] = unit_key
            self._standards[standard] = standard_key

    def unit(self, row: DrawnUnit) -> str:
        return self._units.get(row.unit_id) or hashing.identity(row.unit.uscc or row.name_then)

    def drawn(self, row: DrawnUnit) -> dict[str, object]:
        picks = [
            {
                "field": s.field.code if s.field else "",
                "id": self._standards.get(s.standard_id, s.name_then),
                "why": s.why,
            }
            for s in row.standards.all()
            if s.why in ("field_minimum", "priority")
        ]
        picks.sort(key=lambda pick: str(pick["field"]))
        return {"order": row.order, "standards": picks, "unit": self.unit(row)}

    def directed(self, row: DrawnUnit) -> dict[str, object]:
        return {
            "order": row.order,
            "unit": self.unit(row),
            "name": row.name_then,
            "reason": row.reason,
            "standards": [
                self._standards.get(s.standard_id, s.name_then) for s in row.standards.all()
            ],
        }

    def struck(self, row: DrawnUnit) -> dict[str, object]:
        return {
            "order": row.order,
            "unit": self.unit(row),
            "reason": row.strike_reason,
            "at": _time(row.struck_at),
        }


def _time(moment: object) -> str:
    return terms.clock_text(moment) if moment else ""  # type: ignore[arg-type]
