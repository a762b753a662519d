"""Fixed values of on-site inspection."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices, Turn


class TaskKind(models.TextChoices):
    ONSITE = "onsite", "现场检查"
    FOLLOW_UP = "follow_up", "后续监督检查"
    RECHECK = "recheck", "复查"
    BUREAU = "bureau", "考核工作监督检查"

    #: Whom units are not counted by: a 复查 lists nobody, a bureau is no unit.
    uncounted = nonmember(frozenset({"recheck", "bureau"}))


class TaskState(StateChoices):
    PLANNED = "planned", "列入清单"
    ASSIGNED = "assigned", "已派员"
    NOTIFIED = "notified", "已通知"
    IN_PROGRESS = "in_progress", "检查中"
    SIGNING = "signing", "待签字"
    CONCLUDED = "concluded", "检查结束"
    REVIEWED = "reviewed", "已审核"
    CLOSED = "closed", "办结"
    NOT_PERFORMED = "not_performed", "未能实施"
    FOLLOW_UP = "follow_up", "后续检查已安排"
    REFUSED = "refused", "拒绝检查"

    tones = nonmember(
        {
            "planned": "muted",
            "assigned": "info",
            "notified": "info",
            "in_progress": "running",
            "signing": "running",
            "concluded": "warn",
            "reviewed": "ok",
            "closed": "ok",
            "not_performed": "bad",
            "follow_up": "warn",
            "refused": "bad",
        }
    )
    turns = nonmember(
        {
            Turn.OFFICE: frozenset(
                {"planned", "concluded", "reviewed", "not_performed", "refused"}
            ),
            Turn.TEAM: frozenset({"assigned", "notified", "in_progress", "signing"}),
            Turn.NOBODY: frozenset({"closed", "follow_up"}),
        }
    )
    #: A team has been named and has not been at the door yet: it may still be changed.
    arranged = nonmember(frozenset({"assigned", "notified"}))
    #: The visit is still its team's business: something may come back to it.
    with_team = nonmember(
        frozenset({"assigned", "notified", "in_progress", "signing", "concluded"})
    )
    #: The team is at work, with the sheets or with the signatures.
    under_way = nonmember(frozenset({"in_progress", "signing"}))
    not_begun = nonmember(frozenset({"planned"}) | arranged)
    unfinished = nonmember(not_begun | under_way)
    #: There has been a visit and its file is open: a stop order may be proposed.
    open_to_stop = nonmember(under_way | {"concluded", "reviewed"})
    #: The inspected unit learns of a task when it is notified or the team stands at its door.
    known_to_unit = nonmember(
        frozenset({"notified", "in_progress", "signing", "concluded", "reviewed", "closed"})
    )
    #: Sheets and findings may be read by the unit from signing on.
    result_known = nonmember(frozenset({"signing", "concluded", "reviewed", "closed"}))
    #: A sheet of such a task has been signed on site (Annex 3 u_insp, s_insp).
    inspected = nonmember(frozenset({"concluded", "reviewed", "closed"}))
    not_inspected = nonmember(frozenset({"not_performed", "follow_up", "refused"}))


class TeamRole(models.TextChoices):
    LEADER = "leader", "组长"
    OFFICER = "officer", "执法人员"
    ASSESSOR = "assessor", "计量标准考评员"
    EXPERT = "expert", "市计量院专家"
    RECORDER = "recorder", "记录员"

    officers = nonmember(frozenset({"leader", "officer"}))
    #: Answer and advise; what is prohibited, concluded or ordered is for officers to say.
    advisers = nonmember(frozenset({"assessor", "expert"}))


class Manner(models.TextChoices):
    """How those who came behaved, in the unit's words."""

    GOOD = "good", "好"
    FAIR = "fair", "一般"
    BAD = "bad", "不好"


class EvidenceKind(models.TextChoices):
    """Kinds of evidence follow 行政处罚法 article 46."""

    PHOTO = "photo", "照片"
    SCAN = "scan", "扫描件"
    COPY = "copy", "复印件"
    E_DATA = "e_data", "电子数据"
    SITE_RECORD = "site_record", "现场笔录"
    SOUND = "sound", "录音"
    VIDEO = "video", "录像"


class ServiceHow(models.TextChoices):
    """How a paper is served (民事诉讼法第八十五条以下, which 行政处罚法第六十一条 refers to)."""

    DIRECT = "direct", "直接送达"
    LEFT = "left", "留置送达"
    MAIL = "mail", "邮寄送达"
    ELECTRONIC = "electronic", "电子送达"
    ENTRUSTED = "entrusted", "委托送达"
    PUBLIC = "public", "公告送达"

    @property
    def must_say(self) -> str:
        """What has to be on record beside the names, or nothing."""
        return {
            "left": "拒收的情况和见证人（或者照相、录像的情况）",
            "mail": "邮寄单号",
            "electronic": "当事人同意电子送达的确认书和送达地址",
            "entrusted": "受委托的机关",
            "public": "公告的载体和日期",
        }.get(self.value, "")


class Severity(StateChoices):
    NONCONFORM = "nonconform", "不符合"
    DEFICIENT = "deficient", "有缺陷"

    tones = nonmember({"nonconform": "bad", "deficient": "warn"})


class FindingState(StateChoices):
    DRAFT = "draft", "拟定"
    RAISED = "raised", "已确认"
    DISPUTED = "disputed", "有异议"
    WITHDRAWN = "withdrawn", "不成立"
    ORDERED = "ordered", "责令整改"
    NO_ACTION = "no_action", "当场改正"
    SUBMITTED = "submitted", "已报整改"
    VERIFIED = "verified", "整改合格"
    RETURNED = "returned", "退回"
    FAILED = "failed", "整改不合格"
    HANDLED = "handled", "已处理"

    tones = nonmember(
        {
            "draft": "muted",
            "raised": "warn",
            "disputed": "info",
            "withdrawn": "muted",
            "ordered": "running",
            "no_action": "ok",
            "submitted": "info",
            "verified": "ok",
            "returned": "warn",
            "failed": "bad",
            "handled": "ok",
        }
    )
    turns = nonmember(
        {
            Turn.TEAM: frozenset({"draft"}),
            Turn.OFFICE: frozenset({"raised", "disputed", "submitted", "failed"}),
            Turn.UNIT: frozenset({"ordered", "returned"}),
            Turn.NOBODY: frozenset({"verified", "no_action", "handled", "withdrawn"}),
        }
    )
    terminal = nonmember(turns[Turn.NOBODY])
    #: The unit has to report what it does about these.
    owed_by_unit = nonmember(turns[Turn.UNIT])
    #: The office has decided that it is no problem any more (销号).
    struck_off = nonmember(terminal - {"withdrawn"})
    #: Left open after the visit: what keeps its file, and a stop order, from being closed.
    unsettled = nonmember(turns[Turn.OFFICE] | turns[Turn.UNIT])
    #: Counted as findings in Annex 3: everything confirmed and not withdrawn.
    counted = nonmember(
        frozenset(
            {
                "raised",
                "disputed",
                "ordered",
                "no_action",
                "submitted",
                "verified",
                "returned",
                "failed",
                "handled",
            }
        )
    )
    #: Goes back to draft with the sheet it stands on.
    recallable = nonmember(frozenset({"draft", "raised"}))
    #: May be handed to enforcement: it stands and nobody objects.
    referable = nonmember(counted - {"disputed"})
    #: Waiting for the unit or for the office after an order (Annex 3 fd_open).
    in_rectification = nonmember(frozenset({"ordered", "submitted", "returned"}))
    rectification_failed = nonmember(frozenset({"failed", "handled"}))


class StopState(StateChoices):
    PROPOSED = "proposed", "拟责令"
    APPROVED = "approved", "已批准"
    SERVED = "served", "已送达"
    IN_FORCE = "in_force", "停止传递中"
    LIFTED = "lifted", "已解除"
    SUPERSEDED = "superseded", "已由证书处置取代"
    REJECTED = "rejected", "不予采取"
    WITHDRAWN = "withdrawn", "已撤回"

    tones = nonmember(
        {
            "proposed": "warn",
            "approved": "warn",
            "served": "bad",
            "in_force": "bad",
            "lifted": "ok",
            "superseded": "muted",
            "rejected": "muted",
            "withdrawn": "muted",
        }
    )
    turns = nonmember(
        {
            Turn.OFFICE: frozenset({"proposed", "approved", "served", "in_force"}),
            Turn.NOBODY: frozenset({"lifted", "superseded", "rejected", "withdrawn"}),
        }
    )
    #: Nothing more is to be done about the order.
    settled = nonmember(turns[Turn.NOBODY])
    #: The office has neither refused it nor put it into force.
    undecided = nonmember(frozenset({"proposed", "approved"}))
    #: The unit must not use the standard: nobody may forget to lift it.
    binding = nonmember(frozenset({"served", "in_force"}))
    #: Orders issued in the campaign, lifted ones included (Annex 3 s_stop).
    issued = nonmember(frozenset({"approved", "served", "in_force", "lifted", "superseded"}))
    #: A notice with a number has been made out: it can be printed, one taken back with its mark.
    on_paper = nonmember(issued | {"withdrawn"})
    #: Served on the unit; before that the order is the office's own deliberation.
    known_to_unit = nonmember(frozenset({"served", "in_force", "lifted", "superseded"}))


class LeaseState(StateChoices):
    """A task taken along to a device (带走)."""

    HELD = "held", "在设备上"
    RETURNED = "returned", "已交回"
    SHUT_OUT = "shut_out", "已停用"

    tones = nonmember({"held": "running", "returned": "ok", "shut_out": "bad"})
    turns = nonmember(
        {Turn.TEAM: frozenset({"held"}), Turn.NOBODY: frozenset({"returned", "shut_out"})}
    )


class InterviewState(StateChoices):
    """现场笔录: questions and answers, written down on site and signed by whoever answered."""

    DRAFT = "draft", "记录中"
    SIGNED = "signed", "已签字"
    REFUSED = "refused", "拒绝签字"
    VOID = "void", "已作废"

    tones = nonmember({"draft": "running", "signed": "ok", "refused": "warn", "void": "muted"})
    turns = nonmember(
        {Turn.TEAM: frozenset({"draft"}), Turn.NOBODY: frozenset({"signed", "refused", "void"})}
    )
    #: Closed and kept: it has a paper.
    on_paper = nonmember(frozenset({"signed", "refused"}))


class JointState(StateChoices):
    """Two visits to one unit made together (联合检查)."""

    PROPOSED = "proposed", "待对方确认"
    JOINED = "joined", "已合并"
    DECLINED = "declined", "对方未同意"
    PARTED = "parted", "改为分别检查"

    tones = nonmember({"proposed": "warn", "joined": "ok", "declined": "muted", "parted": "muted"})
    turns = nonmember(
        {
            Turn.OFFICE: frozenset({"proposed"}),
            Turn.NOBODY: frozenset({"joined", "declined", "parted"}),
        }
    )
    #: Keeps either visit from being joined to a third one.
    standing = nonmember(frozenset({"proposed", "joined"}))


class NotPerformedReason(models.TextChoices):
    SUSPENDED = "suspended", "停产停业"
    MOVED = "moved", "搬迁或失联"
    DISSOLVED = "dissolved", "单位注销"
    EPIDEMIC = "epidemic", "疫情防控"
    OBSTRUCTED = "obstructed", "拒绝或阻挠"
    SEALED = "sealed", "标准已封存"
    ENDED = "ended", "标准已撤销或证书失效"
    SENT_OUT = "sent_out", "标准送检在外"
    STAFF_ABSENT = "staff_absent", "关键人员不在"
    OTHER = "other", "其他"

    terminal = nonmember(frozenset({"dissolved", "ended"}))


class SignerKind(models.TextChoices):
    TEAM = "team", "检查组"
    UNIT = "unit", "被检查单位代表"


class SigningWay(models.TextChoices):
    """How it is known that it was this person who signed."""

    OWN = "own", "本人登录签字"
    PASSWORD = "password", "在组长设备上凭本人密码签字"
    TAKEN = "taken", "当场签字"


class SingleIssueState(StateChoices):
    """疑难复杂情况一事一报 (通知三(二)): what waits for an answer, and what became of it."""

    REPORTED = "reported", "已上报"
    IN_CONSULTATION = "in_consultation", "协商中"
    ANSWERED = "answered", "已答复"
    CLOSED = "closed", "已办结"

    tones = nonmember(
        {"reported": "warn", "in_consultation": "running", "answered": "info", "closed": "ok"}
    )
    turns = nonmember(
        {
            Turn.OFFICE: frozenset({"reported", "in_consultation"}),
            Turn.TEAM: frozenset({"answered"}),
            Turn.NOBODY: frozenset({"closed"}),
        }
    )
    #: Somebody still waits for the answer.
    waiting = nonmember(frozenset({"reported", "in_consultation"}))


class Urgency(StateChoices):
    """How soon an answer is needed; the work days are the portal's own rule, the notice says 及时."""

    ORDINARY = "ordinary", "一般"
    URGENT = "urgent", "紧急"

    tones = nonmember({"ordinary": "muted", "urgent": "bad"})

    @property
    def workdays(self) -> int:
        """Within so many work days it is answered."""
        return {"ordinary": 3, "urgent": 1}[self.value]


class InterestKind(models.TextChoices):
    """What keeps a person from inspecting a unit; ``evaluated`` is the examination of its standards."""

    EVALUATED = "evaluated", "参加过该单位计量标准的考核"
    RELATIVE = "relative", "近亲属在该单位任职"
    WORKED = "worked", "两年内在该单位任职"
    SERVICE = "service", "为该单位提供过有偿技术服务"
    OTHER = "other", "其他可能影响公正的关系"
