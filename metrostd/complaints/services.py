"""A complaint comes in: who handles it, which number and code it gets, what is kept with it."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from campaigns.enums import CampaignState, DutyKind
from campaigns.models import Campaign
from metrostd.common import act_dates, audit, clock, sealing
from metrostd.common.actors import Actor
from metrostd.common.text import name_key
from metrostd.common.uploads import MATERIALS, MEDIA, check_upload, file_name
from metrostd.registry.enums import Level
from metrostd.registry.models import Authority, Unit
from metrostd.registry.paper_numbers import paper_number

from . import codes, limits, moves, notifications
from .enums import ComplaintChannel, ComplaintKind
from .models import Complaint, ComplaintFile

#: How much may be attached: a few pictures, a recording, a paper.
MOST_FILES, MOST_MEGABYTES = 5, 50
ACCEPTED = MATERIALS | MEDIA


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What somebody says, as it came in."""

    kind: str
    content: str
    target: str = ""
    about_office: Authority | None = None
    #: The district people chose, or the office that enters it.
    office: Authority | None = None
    name: str = ""
    contact: str = ""
    channel: str = ComplaintChannel.WEB
    received_on: dt.date | None = None
    source: str = ""
    attachments: Iterable[UploadedFile] = field(default_factory=tuple)


@transaction.atomic
def receive(said: Statement, *, sent: uuid.UUID, actor: Actor | None) -> tuple[Complaint, str]:
    """Take it in; returns the record and the code for whoever brought it, which is shown once.

    ``sent`` is the number the form carries: the same form twice is one matter with one code.
    ValidationError names the field that does not do.
    """
    code = codes.code_of(sent)
    digest = codes.digest_of(code)
    if known := Complaint.objects.filter(code_digest=digest).first():
        return known, code
    _check(said)
    office, by_discipline, unit = _placed(said)
    received = said.received_on or clock.today()
    row = Complaint.objects.create(
        number=paper_number(office, "诉举", kind="complaint", year=received.year),
        code_digest=digest,
        kind=said.kind,
        channel=said.channel,
        real_name=bool(said.name.strip() and said.contact.strip()),
        sealed_name=sealing.seal(said.name.strip()),
        sealed_contact=sealing.seal(said.contact.strip()),
        sealed_content=sealing.seal(said.content.strip()),
        target=said.target.strip(),
        unit=unit,
        about_office=said.about_office,
        authority=office,
        by_discipline=by_discipline,
        campaign=Campaign.objects.filter(state=CampaignState.OPEN).first(),
        received_on=received,
        source=said.source.strip(),
        registered_by=actor,
    )
    _attach(row, list(said.attachments))
    audit.record(
        row,
        actor=actor,
        action="complaint.receive",
        label="登记",
        after={"channel": row.channel, "kind": row.kind, "real_name": row.real_name},
    )
    moves.owe(row, DutyKind.COMPLAINT_DECISION, limits.decide_by(row.kind, received))
    notifications.tell_arrived(row, sender=actor)
    return row, code


def _check(said: Statement) -> None:
    problems: dict[str, str] = {}
    if not said.target.strip() and said.about_office is None:
        problems["target"] = "请填写被反映的单位，或者选择被反映的市场监管部门。"
    named, reachable = bool(said.name.strip()), bool(said.contact.strip())
    if said.kind == ComplaintKind.COMPLAINT and not (named and reachable):
        # 第九条: a dispute of one's own is handled with whoever has it.
        missing = "contact" if named else "name"
        problems[missing] = (
            "投诉须留姓名和联系方式，以便处理您与对方的争议；不愿留名的，请选择“举报”。"
        )
    elif named != reachable:
        missing = "contact" if named else "name"
        problems[missing] = "实名举报请同时留姓名和联系方式；匿名举报两项都不填。"
    if said.received_on:
        act_dates.check_fact(said.received_on, field="received_on", what="收到日期")
    if problems:
        raise ValidationError(problems)


def _placed(said: Statement) -> tuple[Authority, bool, Unit | None]:
    """Who handles it: the office above the one it is about, else the unit's, else the one chosen, else the city.

    About an office that has none above it: 纪检监督 there.
    """
    if office := said.about_office:
        return (office.parent, False, None) if office.parent else (office, True, None)
    found = Unit.objects.filter(name_key=name_key(said.target), merged_into=None).select_related(
        "territorial_authority"
    )[:2]
    unit = found[0] if len(found) == 1 else None
    entered = said.channel in ComplaintChannel.entered
    territorial = unit.territorial_authority if unit and not entered else None
    office = said.office if entered else territorial or said.office
    return office or Authority.objects.get(level=Level.CITY), False, unit


def _attach(row: Complaint, files: list[UploadedFile]) -> None:
    """Check and seal each attachment; none is kept when one is refused."""
    if len(files) > MOST_FILES:
        raise ValidationError(
            {"attachments": f"最多附 {MOST_FILES} 个文件，您选了 {len(files)} 个，请挑选后再提交。"}
        )
    if sum(upload.size or 0 for upload in files) > MOST_MEGABYTES << 20:
        raise ValidationError(
            {
                "attachments": f"材料合计超过 {MOST_MEGABYTES} MB。请压缩，或者只附最能说明问题的部分。"
            }
        )
    for upload in files:
        name, data = file_name(upload), upload.read()
        try:
            media_type = check_upload(data, name, accept=ACCEPTED)
        except ValidationError as error:
            raise ValidationError({"attachments": error.messages}) from error
        kept = ComplaintFile(
            complaint=row, sealed_name=sealing.seal(name), media_type=media_type, size=len(data)
        )
        kept.content.save(f"{uuid.uuid4()}.sealed", ContentFile(sealing.seal_bytes(data)))


def open_file(file: ComplaintFile) -> bytes:
    """The bytes as they were attached."""
    with file.content.open("rb") as sealed:
        return sealing.unseal_bytes(sealed.read())


def by_code(typed: str) -> Complaint | None:
    """The matter a code opens; nothing for a wrong one."""
    rows = Complaint.objects.filter(code_digest=codes.digest_of(typed))
    return rows.select_related("authority").first()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who said it, opened for one look."""

    name: str
    contact: str


def reveal(row: Complaint, *, reason: str, actor: Actor) -> Identity:
    """Open name and contact, with the reason on record. ValidationError without one."""
    if len(reason.strip()) < 4:
        raise ValidationError({"reason": "请写明查看的用途，例如：电话核实投诉内容。"})
    audit.record_access(
        actor=actor,
        kind="查看身份",
        what=f"投诉举报反映人信息：{row.number}",
        purpose=reason.strip(),
    )
    return Identity(sealing.unseal(row.sealed_name), sealing.unseal(row.sealed_contact))
