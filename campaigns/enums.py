"""Fixed values of a campaign."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices, Turn


class CampaignState(StateChoices):
    DRAFT = "draft", "筹备中"
    OPEN = "open", "进行中"
    CLOSED = "closed", "已结束"

    tones = nonmember({"draft": "muted", "open": "running", "closed": "ok"})
    turns = nonmember({Turn.CITY: frozenset({"draft", "open"}), Turn.NOBODY: frozenset({"closed"})})


class StageKind(models.TextChoices):
    """The four stages of the notice, 二、时间安排及主要任务."""

    SELF_CHECK = "self_check", "自查"
    ONSITE = "onsite", "现场检查"
    RECTIFY = "rectify", "整改"
    HANDLE_SUMMARY = "handle_summary", "处理总结"


class PlanField(models.TextChoices):
    """What of a plan can be adjusted while the campaign runs (通知三)."""

    SELF_CHECK_START = "self_check_start", "自查开始"
    SELF_CHECK_END = "self_check_end", "自查结束"
    ONSITE_START = "onsite_start", "现场检查开始"
    ONSITE_END = "onsite_end", "现场检查结束"
    RECTIFY_START = "rectify_start", "整改开始"
    RECTIFY_END = "rectify_end", "整改结束"
    HANDLE_SUMMARY_START = "handle_summary_start", "处理总结开始"
    HANDLE_SUMMARY_END = "handle_summary_end", "处理总结结束"
    BUREAU_SELF_CHECK_DUE = "bureau_self_check_due", "区局自查报送期限"
    UNIT_SELF_CHECK_DUE = "unit_self_check_due", "建标单位自查报送期限"
    SUMMARY_DUE = "summary_due", "总结报告和统计表报送期限"
    DEFAULT_RATIO = "default_ratio", "抽查比例"

    #: Columns of the campaign itself, the same for everybody.
    limits = nonmember(("bureau_self_check_due", "unit_self_check_due", "summary_due"))


class AdjustmentCause(models.TextChoices):
    EPIDEMIC = "epidemic", "疫情防控"
    MERGED = "merged", "与其他监督检查合并实施"
    OTHER = "other", "其他"


class Act(models.TextChoices):
    """What is left to the background where it concerns thousands of units."""

    ADJUST = "adjust", "调整方案"
    CLOSE = "close", "结束专项行动"
    SHOW = "show", "公示名单"
    FREEZE = "freeze", "冻结名单"
    DRAW = "draw", "抽取"


class DutyKind(models.TextChoices):
    """应办事项: what somebody owes by a date."""

    SELF_CHECK = "self_check", "报送自查报告"
    BUREAU_SELF_CHECK = "bureau_self_check", "报送考核工作自查报告"
    SELF_CHECK_REVIEW = "self_check_review", "审核自查报告"
    HAND_OVER = "hand_over", "签收单位名单"
    HAND_OVER_RETURN = "hand_over_return", "处理退回的名单行"
    DRAW = "draw", "抽取检查对象"
    DRAW_CHECK = "draw_check", "收悉和核对抽取"
    BUREAU_DRAW = "bureau_draw", "抽取监督检查的区局"
    BUREAU_REVIEW = "bureau_review", "考核工作监督检查"
    BUREAU_FILES = "bureau_files", "准备考核案卷"
    BUREAU_MEASURES = "bureau_measures", "报送考核工作整改措施"
    BUREAU_CONFIRM = "bureau_confirm", "确认考核工作整改"
    INSPECTION = "inspection", "实施现场检查"
    ONSITE_TASK = "onsite_task", "现场检查任务"
    INSPECTION_REVIEW = "inspection_review", "审核现场检查结论"
    RECTIFICATION = "rectification", "报送整改情况"
    RECTIFICATION_REVIEW = "rectification_review", "确认整改情况"
    FOLLOW_UP = "follow_up", "开展后续监督检查"
    OBJECTION = "objection", "答复异议"
    SINGLE_ISSUE = "single_issue", "答复一事一报"
    OPINION = "opinion", "提出协商意见"
    EXTENSION = "extension", "审批延期申请"
    DISPOSITION = "disposition", "审定处置建议"
    SUMMARY = "summary", "报送总结报告和统计表"
    APPLICATION = "application", "审批变更申请"
    TRACING = "tracing", "送检溯源到期的器具"
    WORK_PLAN = "work_plan", "报送工作计划"
    RISK_WARNING = "risk_warning", "处置风险预警"
    RECORD_REQUEST = "record_request", "答复依申请公开"
    COMPLAINT_DECISION = "complaint_decision", "决定是否受理投诉举报"
    COMPLAINT_NOTICE = "complaint_notice", "告知举报人是否受理"
    COMPLAINT_ANSWER = "complaint_answer", "办理并答复投诉举报"

    #: Their titles tell who is inspected, when and with what result.
    under_pledge = nonmember(
        frozenset(
            {
                "inspection",
                "onsite_task",
                "inspection_review",
                "rectification_review",
                "follow_up",
                "objection",
                "extension",
                "disposition",
            }
        )
    )
    #: What the button beside a duty says.
    verbs = nonmember(
        {
            "self_check": "去填报",
            "bureau_self_check": "去填报",
            "self_check_review": "去审核",
            "hand_over": "去签收",
            "hand_over_return": "去处理",
            "draw": "去抽取",
            "draw_check": "去核对",
            "bureau_draw": "去抽取",
            "bureau_review": "去办理",
            "bureau_files": "去准备",
            "bureau_measures": "去填报",
            "bureau_confirm": "去确认",
            "inspection": "去办理",
            "onsite_task": "去检查",
            "inspection_review": "去审核",
            "rectification": "去整改",
            "rectification_review": "去确认",
            "follow_up": "去安排",
            "objection": "去答复",
            "single_issue": "去答复",
            "opinion": "去提意见",
            "extension": "去审批",
            "disposition": "去审定",
            "summary": "去报送",
            "application": "去审批",
            "tracing": "去登记",
            "work_plan": "去报送",
            "risk_warning": "去处置",
            "record_request": "去答复",
            "complaint_decision": "去决定",
            "complaint_notice": "去告知",
            "complaint_answer": "去办理",
        }
    )

    #: Of the register, without a campaign: the approval desk of a district has its part in them.
    of_register = nonmember(frozenset({"application"}))
    #: Of complaints: owed by a person, it is about an office that must not learn of it.
    of_complaints = nonmember(
        frozenset({"complaint_decision", "complaint_notice", "complaint_answer"})
    )

    @property
    def verb(self) -> str:
        return self.verbs[self.value]


class Inspector(models.TextChoices):
    """Who inspects standards of a category (通知二(二)1)."""

    CITY = "city", "市市场监管委"
    DISTRICT = "district", "属地区局"
    MANUAL = "manual", "人工确定"


class FrameSubject(models.TextChoices):
    """What a list is drawn from (通知二(二)): the units of an office, or the bureaus of the organiser."""

    UNITS = "units", "建标单位"
    BUREAUS = "bureaus", "区局考核工作"

    #: What one line of the list is counted in.
    counted = nonmember({"units": "家", "bureaus": "个区局"})

    @property
    def counter(self) -> str:
        return self.counted[self.value]


class FrameState(StateChoices):
    SHOWN = "shown", "公示中"
    FROZEN = "frozen", "已冻结"
    LIFTED = "lifted", "已撤回"

    tones = nonmember({"shown": "running", "frozen": "ok", "lifted": "muted"})
    turns = nonmember(
        {Turn.DISTRICT: frozenset({"shown"}), Turn.NOBODY: frozenset({"frozen", "lifted"})}
    )
    #: Lists that are meant to be drawn from: one of each office at a time.
    live = nonmember(frozenset({"shown", "frozen"}))


class TermsKind(models.TextChoices):
    """What is drawn under terms that were announced beforehand."""

    UNITS = "units", "抽取检查对象"
    BUREAUS = "bureaus", "抽取区局和案卷"
    SUPPLEMENT = "supplement", "补充抽取"
    SUBSTITUTE = "substitute", "划除并递补"


class TermsState(StateChoices):
    """抽取约定: from the announcement to the draw; what came to nothing is kept and published."""

    ANNOUNCED = "announced", "待收悉"
    ACKNOWLEDGED = "acknowledged", "待录入号码"
    ENTERED = "entered", "待核对"
    DRAWN = "drawn", "已抽取"
    LAPSED = "lapsed", "逾期未收悉，失效"
    ANNULLED = "annulled", "已废止"

    tones = nonmember(
        {
            "announced": "warn",
            "acknowledged": "running",
            "entered": "warn",
            "drawn": "ok",
            "lapsed": "bad",
            "annulled": "muted",
        }
    )
    turns = nonmember(
        {
            Turn.CITY: frozenset({"announced", "entered"}),
            Turn.DISTRICT: frozenset({"acknowledged"}),
            Turn.NOBODY: frozenset({"drawn", "lapsed", "annulled"}),
        }
    )
    #: Under way: one of each list at a time.
    live = nonmember(frozenset({"announced", "acknowledged", "entered"}))
    #: Over: their nonces are published.
    over = nonmember(frozenset({"drawn", "lapsed", "annulled"}))


class AnnulGround(models.TextChoices):
    """The only grounds on which a list is frozen anew; an unwelcome result is none."""

    SOURCE_FAILED = "source_failed", "公开来源无法使用，或者密钥遗失"
    FRAME_FORGED = "frame_forged", "名单被伪造、篡改"


class StrikeGround(models.TextChoices):
    """Why a drawn unit may not be inspected."""

    DISSOLVED = "dissolved", "单位已注销、吊销"
    NOT_OURS = "not_ours", "不由本部门组织检查"
    NO_STANDARD = "no_standard", "所持计量标准已全部封存、撤销或者注销"
    DUPLICATE = "duplicate", "与名单中另一家为同一单位"


class DrawState(StateChoices):
    VALID = "valid", "有效"
    VOID = "void", "作废"

    tones = nonmember({"valid": "ok", "void": "muted"})
    turns = nonmember({Turn.NOBODY: frozenset({"valid", "void"})})


class DrawKind(models.TextChoices):
    RANDOM = "random", "随机"
    DIRECTED = "directed", "定向"


class DrawReason(models.TextChoices):
    FIELD_MINIMUM = "field_minimum", "专业领域至少1项"
    PRIORITY = "priority", "重点领域"
    EXTRA = "extra", "增加抽取"
    CASE = "case", "抽取案卷"


class ChecklistKind(models.TextChoices):
    ANNEX1 = "annex1", "计量标准现场监督检查表"
    ANNEX2 = "annex2", "计量标准考核工作监督检查表"


class ItemLevel(models.TextChoices):
    UNIT = "unit", "单位"
    STANDARD = "standard", "计量标准"
    BUREAU = "bureau", "区局"
    CASE = "case", "案卷"


class UsedIn(models.TextChoices):
    BOTH = "both", "自查和现场检查"
    ONSITE = "onsite", "现场检查"
    SELF_CHECK = "self_check", "自查"

    self_check_items = nonmember(frozenset({"both", "self_check"}))
    onsite_items = nonmember(frozenset({"both", "onsite"}))


class ProblemCategory(models.TextChoices):
    """Problem categories of Annex 3 block III."""

    A = "A", "标准器、配套设备与溯源"
    B = "B", "主要计量特性"
    C = "C", "环境条件及设施"
    D = "D", "人员"
    E = "E", "文件集与记录证书"
    F = "F", "测量能力确认"
    G = "G", "后续管理"
    H = "H", "禁止性行为"
    J = "J", "考核工作"
