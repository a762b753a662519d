"""An independent recount of the statistics table: flat rows in plain SQL, counted with Python sets.

It shares nothing with the code it checks: no model, no query of the application, no enumeration.
``recount(campaign_id, authority_id)`` gives the table of one inspecting office without a cut-off.
"""

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from django.db import connection

ORDER = ["sp_statutory", "sp_authorised", "dept_highest", "ent_highest", "inst_highest", "other"]
GROUPS = {
    "subtotal_public": {"sp_statutory", "sp_authorised"},
    "subtotal_department": {"dept_highest"},
    "subtotal_enterprise": {"ent_highest", "inst_highest"},
}
PROBLEMS = "ABCDEFGH"
#: The cut-off of the small city: what nobody reported on by its day had failed before it was over.
LAST_DAY = dt.date(2021, 12, 31)


def _rows(sql, *arguments):
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def recount(campaign_id, authority_id):
    """{"I": {row: {figure: value}}, "II": …, "III": …}; percentages are left out."""
    facts = {
        "frame": _frame(campaign_id, authority_id),
        "plan": _plan(campaign_id, authority_id),
        "sheets": _sheets(campaign_id, authority_id),
        "findings": _findings(campaign_id, authority_id),
        "stops": _stops(campaign_id, authority_id),
        "acts": _acts(campaign_id, authority_id),
        "referrals": _referrals(campaign_id, authority_id),
        "covered": _covered(campaign_id, authority_id),
        "problems": _problems(campaign_id, authority_id),
    }
    one = {row: _block_one(facts, keep) for row, keep in _category_rows().items()}
    team = _team(campaign_id, authority_id)
    one["total"] |= {"visits": team["teams"]}
    codes = [row["code"] for row in _rows("SELECT code FROM registry_professionalfield")]
    two = {code: _block_two(facts, lambda row, code=code: row["field"] == code) for code in codes}
    two["unclassified"] = _block_two(facts, lambda row: row["field"] is None)
    two["total"] = _block_two(facts, lambda row: True)
    three = {
        letter: _block_three(facts, lambda row, letter=letter: row["problem"] == letter)
        for letter in PROBLEMS
    }
    three["total"] = _block_three(facts, lambda row: True)
    of = defaultdict(set)
    for row in _rows("SELECT standard_id, domain FROM registry_standarddomain"):
        of[row["domain"]].add(row["standard_id"])
    six = {
        domain: _block_two(facts, lambda row, domain=domain: row["standard"] in of[domain])
        for domain in ("food", "work_safety", "ecology", "health")
    }
    some = set().union(*of.values())
    six["total"] = _block_two(facts, lambda row: row["standard"] in some)
    single = (
        team
        | _asked_above(campaign_id, authority_id)
        | _orders(campaign_id, authority_id)
        | _bureau(campaign_id, authority_id)
    )
    single |= _complaints(campaign_id, authority_id)
    single |= _costs(campaign_id, authority_id)
    single |= _warnings(campaign_id, authority_id)
    four = {figure: {figure: value} for figure, value in single.items()}
    reviews = recount_reviews(campaign_id, authority_id)
    five = {figure: {figure: value} for figure, value in reviews.items()}
    return {"I": one, "II": two, "III": three, "IV": four, "V": five, "VI": six}


def _category_rows():
    rows = {name: (lambda row, name=name: row["category"] == name) for name in ORDER}
    rows |= {
        name: (lambda row, parts=parts: row["category"] in parts) for name, parts in GROUPS.items()
    }
    return rows | {"total": lambda row: True}


def _count(rows, key=None):
    return len({row[key] for row in rows if row[key] is not None}) if key else len(rows)


def _block_one(facts, keep):
    table = {name: [row for row in rows if keep(row)] for name, rows in facts.items()}
    frame, plan, sheets = table["frame"], table["plan"], table["sheets"]
    findings, covered, problems = table["findings"], table["covered"], table["problems"]
    received = [row for row in covered if row["received"]]
    bad = [row for row in sheets if row["conclusion"] in ("deficient", "nonconform")]
    done = table["acts"]
    filed = [
        row
        for row in table["referrals"]
        if row["state"] in ("filed", "decided")
        or (row["state"] == "result_returned" and row["case_no"])
    ]
    counted = {
        "u_total": _count(frame, "unit"),
        "s_total": _count(frame),
        "f_all": _count(frame, "field"),
        "u_sc_due": _count(covered, "unit"),
        "u_sc_in": _count(received, "unit"),
        "u_sc_late": _count([row for row in received if row["late"]], "unit"),
        "s_sc": _count(received, "standard"),
        "s_sc_due": _count(covered, "standard"),
        "p_sc": _count(problems),
        "p_sc_fixed": _count([row for row in problems if row["fixed"]]),
        "u_plan": _count(plan, "unit"),
        "u_rand": _count([row for row in plan if row["kind"] == "random"], "unit"),
        "u_direct": _count([row for row in plan if row["kind"] == "directed"], "unit"),
        "u_np": _count([row for row in plan if row["unit_not_performed"]], "unit"),
        "s_np": _count([row for row in plan if not row["signed"]], "standard"),
        "u_insp": _count(sheets, "unit"),
        "s_insp": _count(sheets, "standard"),
        "f_cov": _count(sheets, "field"),
        "s_ok": _count([row for row in sheets if row["conclusion"] == "conform"]),
        "s_def": _count([row for row in sheets if row["conclusion"] == "deficient"]),
        "s_nc": _count([row for row in sheets if row["conclusion"] == "nonconform"]),
        "s_nc_open": _count(
            [r for r in sheets if r["conclusion"] == "nonconform" and not r["acted_on"]]
        ),
        "s_prob": _count(bad),
        "s_stop": _count(table["stops"], "standard"),
        "s_seal": _count([r for r in done if r["kind"] == "sealed"], "standard"),
        "s_wd": _count([r for r in done if r["kind"] == "withdrawn"], "standard"),
        "s_cancel": _count([r for r in done if r["kind"] == "deregistered"], "standard"),
        "s_revoke": _count([r for r in done if r["kind"] == "revoked"], "standard"),
        "s_annul": _count([r for r in done if r["kind"] == "annulled"], "standard"),
        "refer": _count(table["referrals"]),
        "case": _count(filed),
        "fine": sum((Decimal(str(row["fine"])) for row in filed), Decimal("0.00")),
    }
    return counted | _of_findings(findings) | _of_units(findings, facts["findings"])


def _of_findings(findings):
    ordered = [row for row in findings if row["order_id"] is not None]
    return {
        "u_prob": _count(findings, "unit"),
        "fd": len(findings),
        "fd_unit": len([row for row in findings if row["standard"] is None]),
        "fd_key": len([row for row in findings if row["is_key"]]),
        "fd_nc": len([row for row in findings if row["severity"] == "nonconform"]),
        "fd_def": len([row for row in findings if row["severity"] == "deficient"]),
        "fd_due": len(ordered),
        "fd_ok": len([row for row in ordered if row["state"] == "verified"]),
        "fd_bad": len([row for row in ordered if row["state"] in ("failed", "handled")]),
        "fd_open": len(
            [row for row in ordered if row["state"] in ("ordered", "submitted", "returned")]
        ),
        "fd_spot": len([row for row in findings if row["state"] == "no_action"]),
        "u_due": _count(ordered, "unit"),
    }


def _of_units(findings, all_findings):
    """What became of each unit is decided by all its findings, whatever the row."""
    outcome = defaultdict(set)
    touches_standard = set()
    for row in all_findings:
        if row["order_id"] is not None:
            outcome[row["unit"]].add(row["state"])
        if row["standard"] is not None:
            touches_standard.add(row["unit"])
    here = {row["unit"] for row in findings if row["order_id"] is not None}
    bad = {unit for unit in here if outcome[unit] & {"failed", "handled"}}
    still = {unit for unit in here - bad if outcome[unit] & {"ordered", "submitted", "returned"}}
    ok = {unit for unit in here - bad - still if "verified" in outcome[unit]}
    return {
        "u_bad": len(bad),
        "u_open": len(still),
        "u_ok": len(ok),
        "u_prob_unit": len({row["unit"] for row in findings} - touches_standard),
    }


def _block_two(facts, keep):
    frame = [row for row in facts["frame"] if keep(row)]
    sheets = [row for row in facts["sheets"] if keep(row)]
    findings = [row for row in facts["findings"] if keep(row) and row["standard"] is not None]
    return {
        "u_total": _count(frame, "unit"),
        "s_total": len(frame),
        "u_insp": _count(sheets, "unit"),
        "s_insp": len(sheets),
        "s_ok": len([row for row in sheets if row["conclusion"] == "conform"]),
        "s_def": len([row for row in sheets if row["conclusion"] == "deficient"]),
        "s_nc": len([row for row in sheets if row["conclusion"] == "nonconform"]),
        "s_prob": len([r for r in sheets if r["conclusion"] in ("deficient", "nonconform")]),
        "fd_std": len(findings),
        "s_stop": _count([row for row in facts["stops"] if keep(row)], "standard"),
    }


def _block_three(facts, keep):
    findings = [row for row in facts["findings"] if keep(row)]
    counted = _of_findings(findings)
    wanted = ("fd", "fd_key", "fd_nc", "fd_def", "fd_due", "fd_ok", "fd_bad", "fd_open")
    return {name: counted[name] for name in wanted} | {"s_touched": _count(findings, "standard")}


def _frame(campaign, office):
    return _rows(
        """
        SELECT e.unit_id AS unit, e.standard_id AS standard, e.category AS category, p.code AS field
          FROM campaigns_framestandard e
          JOIN campaigns_samplingframe f ON f.id = e.frame_id
          LEFT JOIN registry_professionalfield p ON p.id = e.field_id
         WHERE f.campaign_id = %s AND f.authority_id = %s
        """,
        campaign,
        office,
    )


def _plan(campaign, office):
    rows = _rows(
        """
        SELECT d.unit_id AS unit, s.standard_id AS standard, d.kind AS kind, p.code AS field,
               COALESCE(e.category, m.category) AS category
          FROM campaigns_drawnstandard s
          JOIN campaigns_drawnunit d ON d.id = s.drawn_unit_id
          JOIN campaigns_drawrun r ON r.id = d.run_id AND r.state = 'valid'
          JOIN campaigns_samplingframe f ON f.id = r.frame_id
          JOIN registry_measurementstandard m ON m.id = s.standard_id
          LEFT JOIN registry_professionalfield p ON p.id = s.field_id
          LEFT JOIN campaigns_framestandard e ON e.frame_id = f.id AND e.standard_id = s.standard_id
         WHERE f.campaign_id = %s AND f.authority_id = %s
        """,
        campaign,
        office,
    )
    tasks = _rows(
        "SELECT t.unit_id, t.state FROM inspections_inspectiontask t"
        " LEFT JOIN campaigns_drawnunit d ON d.id = t.drawn_unit_id"
        " LEFT JOIN campaigns_drawrun r ON r.id = d.run_id"
        " WHERE t.campaign_id = %s AND t.authority_id = %s AND t.kind <> 'recheck'"
        " AND (r.state IS NULL OR r.state <> 'void')",
        campaign,
        office,
    )
    states = defaultdict(set)
    for task in tasks:
        states[task["unit_id"]].add(task["state"])
    sheets = _signed(campaign, office)
    signed = {row["standard"] for row in sheets}
    visited = {row["unit"] for row in sheets}
    pending = {"planned", "assigned", "notified", "in_progress", "signing"}
    for row in rows:
        row["signed"] = row["standard"] in signed
        ended = states[row["unit"]] and not states[row["unit"]] & pending
        row["unit_not_performed"] = bool(ended) and row["unit"] not in visited
    return rows


def _signed(campaign, office):
    """Signed sheets of standards in visits that count, all of them."""
    return _rows(
        """
        SELECT c.id AS id, c.standard_id AS standard, c.task_id AS task, t.unit_id AS unit,
               c.conclusion AS conclusion, c.override_reason AS raised, ts.category AS category, p.code AS field
          FROM inspections_checklistsheet c
          JOIN inspections_inspectiontask t ON t.id = c.task_id
          LEFT JOIN inspections_taskstandard ts
            ON ts.task_id = c.task_id AND ts.standard_id = c.standard_id
          LEFT JOIN registry_professionalfield p ON p.id = ts.field_id
         WHERE t.campaign_id = %s AND t.authority_id = %s AND t.kind <> 'recheck'
           AND t.state IN ('concluded', 'reviewed', 'closed')
           AND c.standard_id IS NOT NULL AND c.signed_at IS NOT NULL
         ORDER BY c.id
        """,
        campaign,
        office,
    )


def _sheets(campaign, office):
    first = {}
    for row in _signed(campaign, office):
        first.setdefault(row["standard"], row)
    disposed = _rows(
        """
        SELECT d.standard_id AS standard FROM rectification_certificatedisposition d
          JOIN inspections_finding f ON f.id = d.finding_id
          JOIN inspections_inspectiontask t ON t.id = f.task_id
         WHERE t.campaign_id = %s AND d.state <> 'rejected'
        UNION
        SELECT a.standard_id FROM registry_certificateact a
          JOIN campaigns_campaign k ON k.id = %s
         WHERE a.decided_at >= k.notice_on AND (k.state <> 'closed' OR a.decided_at <= k.state_since)
        UNION
        SELECT f.standard_id FROM rectification_casereferral c
          JOIN inspections_finding f ON f.id = c.finding_id
          JOIN inspections_inspectiontask t ON t.id = f.task_id
         WHERE t.campaign_id = %s
        """,
        campaign,
        campaign,
        campaign,
    )
    acted_on = {row["standard"] for row in (*disposed, *_stops(campaign, office))}
    findings = defaultdict(list)
    for row in _rows(
        """
        SELECT f.sheet_id AS sheet, f.state AS state, f.severity AS severity, f.is_key AS is_key
          FROM inspections_finding f
          JOIN inspections_inspectiontask t ON t.id = f.task_id WHERE t.campaign_id = %s
        """,
        campaign,
    ):
        findings[row["sheet"]].append(row)
    return [
        row
        | {
            "acted_on": row["standard"] in acted_on,
            "conclusion": _as_it_stands(row, findings[row["id"]]),
        }
        for row in first.values()
    ]


def _as_it_stands(sheet, findings):
    """What is left of a conclusion when findings turned out to be unfounded."""
    standing = [row for row in findings if row["state"] not in ("draft", "withdrawn")]
    if not any(row["state"] == "withdrawn" for row in findings):
        return sheet["conclusion"]
    if not standing:
        return "conform"
    grave = any(row["severity"] == "nonconform" and row["is_key"] for row in standing)
    if sheet["conclusion"] == "nonconform" and not grave and not sheet["raised"]:
        return "deficient"
    return sheet["conclusion"]


def _categories_of_tasks(campaign):
    """task → its first category in the order of the table."""
    found = defaultdict(list)
    sql = """
        SELECT ts.task_id AS task, ts.category AS category FROM inspections_taskstandard ts
          JOIN inspections_inspectiontask t ON t.id = ts.task_id WHERE t.campaign_id = %s
    """
    for row in _rows(sql, campaign):
        found[row["task"]].append(row["category"])
    return {task: min(kinds, key=ORDER.index) for task, kinds in found.items()}


def _fill_category(campaign, rows):
    first = _categories_of_tasks(campaign)
    return [row | {"category": row["category"] or first.get(row["task"])} for row in rows]


def _findings(campaign, office):
    rows = _rows(
        """
        SELECT f.id AS id, f.task_id AS task, t.unit_id AS unit, f.standard_id AS standard,
               f.category AS problem, f.severity AS severity, f.is_key AS is_key,
               CASE WHEN f.state IN ('ordered', 'returned') AND f.due_on < %s AND NOT EXISTS (
                 SELECT 1 FROM rectification_extensionrequest x
                  WHERE x.finding_id = f.id AND x.state = 'asked'
               ) THEN 'failed' ELSE f.state END AS state,
               oi.order_id AS order_id, ts.category AS category, p.code AS field
          FROM inspections_finding f
          JOIN inspections_checklistsheet c ON c.id = f.sheet_id AND c.signed_at IS NOT NULL
          JOIN inspections_inspectiontask t ON t.id = f.task_id
          LEFT JOIN rectification_orderitem oi ON oi.finding_id = f.id
          LEFT JOIN inspections_taskstandard ts
            ON ts.task_id = f.task_id AND ts.standard_id = f.standard_id
          LEFT JOIN registry_professionalfield p ON p.id = ts.field_id
         WHERE t.campaign_id = %s AND t.authority_id = %s AND t.kind <> 'recheck'
           AND t.state IN ('concluded', 'reviewed', 'closed')
           AND f.state NOT IN ('draft', 'withdrawn')
        """,
        LAST_DAY,
        campaign,
        office,
    )
    return _fill_category(campaign, rows)


def _stops(campaign, office):
    return _rows(
        """
        SELECT o.standard_id AS standard, ts.category AS category, p.code AS field
          FROM inspections_stoptransferorder o
          JOIN inspections_inspectiontask t ON t.id = o.task_id
          LEFT JOIN inspections_taskstandard ts
            ON ts.task_id = o.task_id AND ts.standard_id = o.standard_id
          LEFT JOIN registry_professionalfield p ON p.id = ts.field_id
         WHERE t.campaign_id = %s AND t.authority_id = %s
           AND o.state NOT IN ('proposed', 'rejected', 'withdrawn')
        """,
        campaign,
        office,
    )


def _acts(campaign, office):
    """What was decided about certificates of routed standards while the campaign ran."""
    return _rows(
        """
        SELECT a.standard_id AS standard, a.kind AS kind, w.category AS category
          FROM registry_certificateact a
          JOIN campaigns_routedstandard w ON w.standard_id = a.standard_id
          JOIN campaigns_campaign c ON c.id = w.campaign_id
         WHERE w.campaign_id = %s AND w.inspecting_authority_id = %s
           AND a.decided_at >= c.notice_on AND (c.state <> 'closed' OR a.decided_at <= c.state_since)
        """,
        campaign,
        office,
    )


def _referrals(campaign, office):
    rows = _rows(
        """
        SELECT c.state AS state, c.fine AS fine, c.case_no AS case_no, f.task_id AS task, ts.category AS category
          FROM rectification_casereferral c
          JOIN inspections_finding f ON f.id = c.finding_id
          JOIN inspections_inspectiontask t ON t.id = f.task_id
          LEFT JOIN inspections_taskstandard ts
            ON ts.task_id = f.task_id AND ts.standard_id = f.standard_id
         WHERE t.campaign_id = %s AND t.authority_id = %s
        """,
        campaign,
        office,
    )
    return _fill_category(campaign, rows)


_COVERED = """
    SELECT r.id AS report, r.unit_id AS unit, r.state AS state, r.is_late AS late,
           r.first_submitted_at AS sent, s.standard_id AS standard,
           w.inspecting_authority_id AS office, w.category AS category, w.id AS routing
      FROM selfcheck_selfcheckstandard s
      JOIN selfcheck_selfcheckreport r ON r.id = s.report_id
      JOIN campaigns_routedstandard w
        ON w.campaign_id = r.campaign_id AND w.standard_id = s.standard_id
     WHERE r.campaign_id = %s AND r.kind = 'unit'
"""
_RECEIVED = {"submitted", "returned", "accepted", "reopened"}


def _covered(campaign, office):
    rows = _rows(_COVERED, campaign)
    return [
        row | {"received": row["state"] in _RECEIVED and row["sent"] is not None}
        for row in rows
        if row["office"] == office and row["state"] != "exempted"
    ]


def _problems(campaign, office):
    covered = [row for row in _rows(_COVERED, campaign) if row["office"] is not None]
    by_standard = {row["standard"]: row for row in covered}
    of_report = defaultdict(list)
    for row in covered:
        of_report[row["report"]].append(row)
    problems = _rows(
        """
        SELECT p.report_id AS report, p.standard_id AS standard, p.rectified_on AS fixed
          FROM selfcheck_selfcheckproblem p
          JOIN selfcheck_selfcheckreport r ON r.id = p.report_id
         WHERE r.campaign_id = %s AND r.kind = 'unit' AND r.first_submitted_at IS NOT NULL
           AND r.state IN ('submitted', 'returned', 'accepted', 'reopened')
        """,
        campaign,
    )
    counted = []
    for problem in problems:
        place = by_standard.get(problem["standard"])
        if place is None and of_report[problem["report"]]:
            place = min(
                of_report[problem["report"]],
                key=lambda row: (ORDER.index(row["category"]), row["routing"]),
            )
        if place and place["office"] == office:
            counted.append(problem | {"category": place["category"]})
    return counted


def _team(campaign, office):
    tasks = {row["task"] for row in _signed(campaign, office)}
    team = _rows("SELECT task_id, role FROM inspections_teammember")
    mine = [row for row in team if row["task_id"] in tasks]
    return {
        "teams": len({row["task_id"] for row in mine}),
        "people_officer": len([row for row in mine if row["role"] in ("leader", "officer")]),
        "people_assessor": len([row for row in mine if row["role"] == "assessor"]),
        "people_expert": len([row for row in mine if row["role"] == "expert"]),
    }


def _asked_above(campaign, office):
    rows = _rows(
        "SELECT number FROM inspections_singleissuereport"
        " WHERE campaign_id = %s AND authority_id = %s",
        campaign,
        office,
    )
    return {"hard": len({row["number"] for row in rows})}


def _orders(campaign, office):
    rows = _rows(
        "SELECT o.id, o.kind, o.withdrawn_at FROM rectification_rectificationorder o"
        " JOIN inspections_inspectiontask t ON t.id = o.task_id"
        " WHERE t.campaign_id = %s AND t.authority_id = %s",
        campaign,
        office,
    )
    return {
        "orders": len([r for r in rows if r["kind"] == "correction" and r["withdrawn_at"] is None])
    }


def _bureau(campaign, office):
    reports = _rows(
        "SELECT id, state FROM selfcheck_selfcheckreport"
        " WHERE campaign_id = %s AND bureau_id = %s AND kind = 'bureau'",
        campaign,
        office,
    )
    received = {row["id"] for row in reports if row["state"] in _RECEIVED}
    rows = _rows("SELECT report_id, rectified_on FROM selfcheck_selfcheckproblem")
    problems = [row for row in rows if row["report_id"] in received]
    return {
        "bureau_sc_in": len(received),
        "bureau_sc_p": len(problems),
        "bureau_sc_fixed": len([row for row in problems if row["rectified_on"] is not None]),
    }


def recount_reviews(campaign, office):
    """Block V of the municipal office: drawn bureaus, case files, problems by group."""
    reviews = _rows(
        "SELECT r.id, r.concluded_at FROM inspections_certificationreview r"
        " JOIN campaigns_drawnbureau d ON d.id = r.drawn_id JOIN campaigns_drawrun u ON u.id = d.run_id"
        " WHERE r.campaign_id = %s AND r.authority_id = %s AND u.state = 'valid'",
        campaign,
        office,
    )
    drawn = {row["id"] for row in reviews}
    cases = _rows(
        "SELECT s.id, r.id AS review FROM inspections_checklistsheet s"
        " JOIN inspections_certificationreview r ON r.task_id = s.task_id"
        " WHERE s.case_id IS NOT NULL AND s.signed_at IS NOT NULL"
    )
    rows = _rows('SELECT review_id, stands, result, "group" FROM inspections_reviewproblem')
    problems = [row for row in rows if row["review_id"] in drawn and row["stands"]]
    fixed = len([row for row in problems if row["result"] == "confirmed"])
    by_group = {
        f"cfp_{letter}": len([row for row in problems if row["group"] == letter])
        for letter in "PMRSCD"
    }
    return by_group | {
        "d_drawn": len(drawn),
        "d_reviewed": len([row for row in reviews if row["concluded_at"] is not None]),
        "cf": len([row for row in cases if row["review"] in drawn]),
        "cfp_total": len(problems),
        "cfp_fixed": fixed,
        "cfp_open": len(problems) - fixed,
    }


def _complaints(campaign, office):
    rows = _rows(
        "SELECT state, by_discipline FROM complaints_complaint"
        " WHERE campaign_id = %s AND authority_id = %s",
        campaign,
        office,
    )
    taken = [
        row["state"]
        for row in rows
        if row["state"] not in ("received", "not_accepted") and not row["by_discipline"]
    ]
    done = taken.count("closed")
    return {"cmp_in": len(taken), "cmp_done": done, "cmp_open": len(taken) - done}


def _costs(campaign, office):
    rows = _rows(
        "SELECT c.lodging, c.meals, c.transport, c.other FROM inspections_costdeclaration c"
        " JOIN inspections_inspectiontask t ON t.id = c.task_id"
        " WHERE t.campaign_id = %s AND t.authority_id = %s AND c.settled_at IS NULL",
        campaign,
        office,
    )
    return {"cost_unit": sum((Decimal(str(v)) for row in rows for v in row.values()), Decimal(0))}


def _warnings(campaign, office):
    rows = _rows(
        "SELECT w.raised_on, c.state, c.state_since FROM risk_riskwarning w, campaigns_campaign c"
        " WHERE c.id = %s AND w.authority_id = %s AND w.raised_on >= c.notice_on",
        campaign,
        office,
    )
    return {"warn": sum(_until_the_end(**row) for row in rows)}


def _until_the_end(raised_on: object, state: str, state_since: object) -> bool:
    """What is warned of after a campaign has ended is none of its own."""
    if state != "closed":
        return True
    moment = dt.datetime.fromisoformat(str(state_since))
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    beijing = moment.astimezone(dt.timezone(dt.timedelta(hours=8)))
    return str(raised_on) <= beijing.date().isoformat()
