"""Writes that touch several rows of a family. One submission is one operation, one receipt and one transaction.

All take `by`, the person whose name the field history then carries. Operations with an `op_id` may be repeated: with
the same `sent` (a text that stands for what the person sent) they change nothing the second time and answer as the
first time; they raise entries.operations.OtherContent when the id was taken by another entry.

Rows are locked in one order, so that no two writers wait for each other: kelompok, families by id, people, dated rows.
"""

from .assessment import Answer, change_assessment, record_assessment
from .change import change_pengurus, change_status, set_point
from .family import (
    add_member,
    assign,
    change_household,
    change_member,
    close_component,
    hand_over,
    hand_over_group,
    join_group,
    name_chair,
    name_pengurus,
    next_case_numbers,
    open_component,
    register_household,
    save_group,
)
from .graduation import change_case, move_case, prepare_case, record_check
from .instrument import set_threshold
from .move import answer_move, found_family, move_member
from .plan import (
    Step,
    add_step,
    change_goal,
    change_step,
    close_goal,
    defer,
    finish_steps,
    reopen_steps,
    set_goal,
    tick_step,
)

__all__ = [
    "Answer",
    "Step",
    "add_member",
    "add_step",
    "answer_move",
    "assign",
    "change_assessment",
    "change_case",
    "change_goal",
    "change_household",
    "change_member",
    "change_pengurus",
    "change_status",
    "change_step",
    "close_component",
    "close_goal",
    "defer",
    "finish_steps",
    "found_family",
    "hand_over",
    "hand_over_group",
    "join_group",
    "move_case",
    "move_member",
    "name_chair",
    "name_pengurus",
    "next_case_numbers",
    "open_component",
    "prepare_case",
    "record_assessment",
    "record_check",
    "register_household",
    "reopen_steps",
    "save_group",
    "set_goal",
    "set_point",
    "set_threshold",
    "tick_step",
]
