"""Who may not decide on a draw: whoever ran it does not declare it void."""

from metrostd.accounts.separation import Act, separated

from .models import DrawRun

VOID_DRAW: Act[DrawRun] = separated(
    Act(
        name="draw.void",
        who="实施抽取的人",
        may_not="作废自己抽取的结果",
        kept=lambda run: [run.run_by_id],
        office=lambda run: run.frame.authority,
    )
)
