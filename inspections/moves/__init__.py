"""Every state move of inspections: a file per subject with its table and a function per move."""

from . import finding, lease, not_performed, result, review, stop, task

#: The tables by state machine: a task has its moves in three files.
TASK_MOVES = (*task.MOVES, *result.MOVES, *not_performed.MOVES)
FINDING_MOVES = finding.MOVES
STOP_MOVES = stop.MOVES
LEASE_MOVES = lease.MOVES
REVIEW_MOVES = review.MOVES
