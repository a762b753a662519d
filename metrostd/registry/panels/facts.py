"""The figures of the strip on the pages of a unit and of a standard, from the register itself."""

from collections import Counter

from django.db.models import Count, Q

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.shapes import Shown
from metrostd.registry.enums import CertificateState
from metrostd.registry.extension import KeyFact, standard_fact, unit_fact, unit_panel
from metrostd.registry.models import (
    MeasurementStandard,
    StandardCertificate,
    StandardInstrument,
    Unit,
)
from metrostd.registry.querysets.aging import state_today

_RUNNING_OUT = (CertificateState.EXPIRING, CertificateState.REEXAM_APPLIED)


def _states(unit: Unit, user: Actor) -> Counter[str]:
    """How many of a unit's standards the viewer sees, by the state of the certificate."""
    standards = MeasurementStandard.objects.visible_to(user).filter(unit=unit).order_by()
    current = standards.filter(Q(certificates__is_current=True) | Q(certificates=None))
    rows = current.values_list(state_today("certificates__"))
    return Counter({state or "": count for state, count in rows.annotate(n=Count("pk"))})


@unit_fact(order=10)
def held(unit: Unit, user: Actor) -> KeyFact | None:
    """How many standards, and how many of their certificates are not simply valid."""
    states = _states(unit, user)
    expired, soon = states[CertificateState.EXPIRED], sum(states[s] for s in _RUNNING_OUT)
    others = [
        (str(CertificateState(s).label), n)
        for s, n in states.items()
        if s and s not in {CertificateState.VALID, CertificateState.EXPIRED, *_RUNNING_OUT}
    ]
    said = [("已过有效期", expired), ("将到期", soon), *others, ("没有证书", states[""])]
    notes = [f"{count} 项{word}" for word, count in said if count]
    tone = "bad" if expired else "warn" if soon else ""
    note = "、".join(notes) or ("证书均在有效期内" if states.total() else "")
    return KeyFact("计量标准", f"{states.total()} 项", note, tone, "#standards")


@unit_panel("证书状态分布", group="equipment", order=5, anchor="states")
def by_state(unit: Unit, user: Actor) -> Shown | None:
    """A small chart; where all stand alike the strip says it."""
    states = _states(unit, user)
    if len(states) < 2:
        return None
    rows = [
        {"label": s.label, "value": states[s], "tone": CertificateState(s).tone}
        for s in CertificateState
        if states[s]
    ]
    if states[""]:
        rows.append({"label": "没有证书", "value": states[""], "tone": "muted"})
    return "registry/panel_states.html", {"chart_data": {"kind": "hbar", "rows": rows}}


@standard_fact(order=10)
def certified(standard: MeasurementStandard, user: Actor) -> KeyFact:
    """The state of the certificate and the days it has left."""
    current = StandardCertificate.objects.filter(standard=standard, is_current=True).first()
    if current is None:
        return KeyFact("考核证书", "没有证书", url="#certificate")
    note = ""
    if current.valid_until and current.state_now in CertificateState.in_frame:
        left = (current.valid_until - clock.today()).days
        note = f"还有 {left} 天" if left >= 0 else f"逾期 {-left} 天"
    tone = current.state_tone if current.state_tone in {"ok", "warn", "bad"} else ""
    return KeyFact("考核证书", current.get_state_display(), note, tone, "#certificate")


@standard_fact(order=20)
def traced(standard: MeasurementStandard, user: Actor) -> KeyFact | None:
    """Instruments in use and how many of them are not traced beyond today."""
    rows = StandardInstrument.objects.visible_to(user).in_use().filter(standard=standard)
    ends = [row.last_trace_until for row in rows.with_last_trace()]
    if not ends:
        return None
    late = sum(end is None or end < clock.today() for end in ends)
    return KeyFact(
        "标准器与配套设备",
        f"{len(ends)} 台",
        f"{late} 台溯源不在有效期" if late else "溯源均在有效期",
        "bad" if late else "ok",
        "#equipment",
    )
