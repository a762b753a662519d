"""Who may read the statistics, who prepares a table, who takes it, with the reason when not."""

import datetime as dt

from campaigns.models import Campaign
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, first_no, not_you
from metrostd.common.roles import Role

from . import disclosure, moves, services
from .models import Bulletin, CityReport, RecordRequest, StatReport
from .narrative import bulletins, city_moves, writing
from .separation import ACCEPT_TABLE, PUBLISH_BULLETIN


def can_read_statistics(user: Actor) -> Verdict:
    """The offices that run a campaign; which tables they may open is a matter of scope."""
    if user.scope.role in Role.offices:
        return YES
    return not_you("统计表由计量处和区局计量科查看。")


def can_consolidate(user: Actor) -> Verdict:
    """The city's table is the municipal office's."""
    if user.scope.role == Role.CITY_ADMIN:
        return YES
    return not_you("全市汇总由市市场监管委计量处办理。")


def is_preparer(user: Actor, report: StatReport) -> Verdict:
    """The office whose table it is."""
    acting = user.acting
    if acting and acting.role in Role.offices and acting.authority_id == report.authority_id:
        return YES
    return not_you(f"统计表由{report.authority}填报。")


def is_receiver(user: Actor, report: StatReport) -> Verdict:
    """The municipal office of the campaign."""
    acting = user.acting
    organiser = report.campaign.organiser_id
    if acting and acting.role == Role.CITY_ADMIN and acting.authority_id == organiser:
        return YES
    return not_you("统计表由市市场监管委计量处审核。")


def may_decide(user: Actor, report: StatReport) -> Verdict:
    """The municipal office, but nobody about a table of their own."""
    verdict = ACCEPT_TABLE.verdict(user, report, may=is_receiver(user, report))
    reason = moves.separate(user, report) if verdict else ""
    return not_you(reason) if reason else verdict


def can_write(user: Actor, report: StatReport) -> Verdict:
    return first_no(is_preparer(user, report), services.writable(report))


def can_write_narrative(user: Actor, report: StatReport) -> Verdict:
    return first_no(is_preparer(user, report), writing.writable(report))


def can_keep_template(user: Actor) -> Verdict:
    """Each office has its own form."""
    if user.scope.role in Role.offices and user.acting and user.acting.authority_id:
        return YES
    return not_you("总结报告模板由计量处和区局计量科管理。")


def can_keep_forms(user: Actor) -> Verdict:
    """The form of 附件3 is everybody's; the administrator keeps it."""
    if user.scope.role == Role.SYSTEM_ADMIN:
        return YES
    return not_you("统计表表式由系统管理员维护。")


def can_check(user: Actor, report: StatReport) -> Verdict:
    return is_preparer(user, report) and moves.CHECK.verdict(report)


def can_revise(user: Actor, report: StatReport) -> Verdict:
    return is_preparer(user, report) and moves.REVISE.verdict(report)


def can_sign(user: Actor, report: StatReport) -> Verdict:
    return is_preparer(user, report) and moves.SIGN.verdict(report)


def can_unsign(user: Actor, report: StatReport) -> Verdict:
    return is_preparer(user, report) and moves.UNSIGN.verdict(report)


def can_submit(user: Actor, report: StatReport) -> Verdict:
    return is_preparer(user, report) and moves.SUBMIT.verdict(report)


def can_resume(user: Actor, report: StatReport) -> Verdict:
    return is_preparer(user, report) and moves.RESUME.verdict(report)


def can_correct(user: Actor, report: StatReport) -> Verdict:
    return is_preparer(user, report) and moves.CORRECT.verdict(report)


def can_accept(user: Actor, report: StatReport) -> Verdict:
    return may_decide(user, report) and moves.ACCEPT.verdict(report)


def can_send_back(user: Actor, report: StatReport) -> Verdict:
    return may_decide(user, report) and moves.SEND_BACK.verdict(report)


def can_lock(user: Actor, report: StatReport) -> Verdict:
    return is_receiver(user, report) and moves.LOCK.verdict(report)


def can_allow(user: Actor, report: StatReport) -> Verdict:
    return is_receiver(user, report) and moves.ALLOW.verdict(report)


def can_remind(user: Actor, report: StatReport, asked: dict[int, dt.date] | None = None) -> Verdict:
    return is_receiver(user, report) and services.remindable(report, asked)


def is_city_writer(user: Actor, campaign: Campaign) -> Verdict:
    """The municipal office of the campaign writes its report and its bulletins."""
    acting = user.acting
    if acting and acting.role == Role.CITY_ADMIN and acting.authority_id == campaign.organiser_id:
        return YES
    return not_you("全市总结报告和通报由市市场监管委计量处办理。")


def can_write_city_report(user: Actor, report: CityReport) -> Verdict:
    return first_no(is_city_writer(user, report.campaign), city_moves.writable(report))


def can_finish_city_report(user: Actor, report: CityReport) -> Verdict:
    return is_city_writer(user, report.campaign) and city_moves.FINISH.verdict(report)


def can_reopen_city_report(user: Actor, report: CityReport) -> Verdict:
    return is_city_writer(user, report.campaign) and city_moves.REOPEN.verdict(report)


def can_write_bulletins(user: Actor, campaign: Campaign) -> Verdict:
    return is_city_writer(user, campaign)


def can_edit_bulletin(user: Actor, row: Bulletin) -> Verdict:
    return first_no(is_city_writer(user, row.campaign), bulletins.writable(row))


def may_publish(user: Actor, row: Bulletin) -> Verdict:
    """The municipal office, but nobody what they wrote themselves."""
    return PUBLISH_BULLETIN.verdict(user, row, may=is_city_writer(user, row.campaign))


def can_publish(user: Actor, row: Bulletin) -> Verdict:
    return may_publish(user, row) and bulletins.PUBLISH.verdict(row)


def can_withdraw(user: Actor, row: Bulletin) -> Verdict:
    return is_city_writer(user, row.campaign) and bulletins.WITHDRAW.verdict(row)


def may_answer_requests(user: Actor) -> Verdict:
    """Offices log and answer what they are asked for."""
    if user.scope.role in Role.offices:
        return YES
    return not_you("依申请公开由计量处和区局计量科办理。")


def is_answering(user: Actor, row: RecordRequest) -> Verdict:
    acting = user.acting
    if acting and acting.role in Role.offices and acting.authority_id == row.authority_id:
        return YES
    return not_you(f"由{row.authority}答复。")


def can_answer_request(user: Actor, row: RecordRequest) -> Verdict:
    return is_answering(user, row) and disclosure.DECIDE.verdict(row)
