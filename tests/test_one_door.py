"""The one door (contract C1): whoever reads a model with `visible_to` asks there, or starts from a row that is given.

Every module of every app is read. A chain `Model.objects…` is fine when one of its calls is a door, when it writes, or
when it is bound to something that came through a door: a foreign key to a row or rows at hand, an OuterRef, the key of
a row. All else stands in ELSEWHERE with its reason.
"""

import ast
import re

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist

DOORS = {
    "visible_to",
    "counted_for",
    "manageable_by",
    "open_to",
    "kept_recaps",
    "to_decide",
    "listed_for",
    "none",
}
WRITES = {"create", "bulk_create", "bulk_update", "get_or_create"}
NO_ASKER = {
    "demo": "makes a world of its own in an empty database",
    "accounts": "the accounts themselves: its views ask visible_to, the rest is the login",
}
NO_CASE_DATA = {
    "User": "names of staff stand beside their work; who may look after an account is asked in accounts"
}
OPERATIONS = "an operation takes the ids of rows that its form or view fetched through the door"
IN_A_QUERY = "only a part of a query whose rows come through the door"
OWN_OP_ID = "who knows the id of a write made it; the receipt of another author was refused before"
COUNTS = "only where rows begin or how many there are"
HELD = "what the author's form had read through the door before it was held; a koordinator lets it in"
WORKER = "a job of its own without an asker; what it shows was asked for through the door"
# Of the file and the models named: why they are read otherwise.
ELSEWHERE = {
    (
        "desk/timeline.py",
        (
            "ActivityHousehold Assessment Assignment Enrolment FamilyChange Goal GoalStep GraduationMove IncidentMove "
            "PaymentCheck Referral ReferralMove StageMove WatchCheck"
        ),
    ): "declared without an asker; `timeline` narrows each by visible_to and to a family that came through the door",
    ("reports/notices/due.py", "Export Incident"): WORKER,
    ("reports/notices/operations.py", "Notice"): WORKER,
    (
        "reports/notices/views/notice.py",
        "Notice",
    ): "an admin's list of e-mails that did not leave, without their words",
    ("roles/operations/last_visit.py", "Household"): OPERATIONS,
    ("roles/operations/visit.py", "ActivityHousehold VisitAct"): OPERATIONS,
    ("entries/answers.py", "Receipt HeldEntry"): OWN_OP_ID,
    ("entries/operations.py", "Receipt"): OWN_OP_ID,
    (
        "resources/forms/resource.py",
        "Partner",
    ): "the partner that the row has already, beside those through the door",
    ("resources/forms/resource.py", "Resource"): "twins by name in the very area that the form may write to",
    ("resources/loading.py", "Resource Partner"): "a command that fills the list, without an asker",
    ("kpm/benefits.py", "MemberComponent"): IN_A_QUERY,
    (
        "kpm/duplicates.py",
        "Household Member",
    ): "numbers of the whole country; an answer names no family outside (C4)",
    ("kpm/payments.py", "PaymentCheck"): IN_A_QUERY,
    ("kpm/quality.py", "Member"): IN_A_QUERY,
    ("kpm/independence/levels.py", "Assessment"): COUNTS,
    ("kpm/operations/family.py", "Household"): OPERATIONS,
    ("kpm/operations/move.py", "Household"): OPERATIONS,
    (
        "kpm/changes.py",
        "MemberMove",
    ): "of a family that came through the door; the other one is asked for there",
    (
        "kpm/forms/move.py",
        "Household",
    ): "the family of a number typed; its sender is not told whether there is one",
    ("kpm/operations/graduation.py", "GraduationCase"): OPERATIONS,
    (
        "reports/figures/declared/families_then.py",
        "Household Assignment GraduationCase GraduationMove FamilyChange",
    ): "families of a day that is over: narrowed to who held them and where they lived on that day",
    ("roster/operations/handover.py", "HandoverFamily Household"): OPERATIONS,
    ("roster/operations/merge.py", "Household Goal HandoverFamily"): OPERATIONS,
    ("kpm/operations/plan.py", "Goal GoalStep Deferral"): OPERATIONS,
    ("entries/decisions.py", "Receipt"): OWN_OP_ID,
    ("roster/operations/applying.py", "Household StagedFamily"): OPERATIONS,
    ("roster/operations/batch.py", "Batch"): WORKER,
    ("roster/operations/siks.py", "Household"): OPERATIONS,
    ("roster/operations/taking.py", "StagedFamily StagedRow"): OPERATIONS,
    ("roster/operations/to_type.py", "ToType"): OPERATIONS,
    ("roster/siks.py", "StagedFamily StagedRow"): "of differences that came through the door",
    ("kpm/views/group.py", "Group"): "the kelompok of a page that came through the door",
    ("resources/matches.py", "Resource"): "what is there for the area of a family that came through the door",
    ("resources/operations/answer.py", "ReferralMove"): OWN_OP_ID,
    ("resources/operations/referral.py", "Household"): OPERATIONS,
    ("resources/operations/referral.py", "ReferralMove"): OWN_OP_ID,
    ("resources/results.py", "Referral"): "numbers of what a resource or partner led to, of no family",
    ("resources/views/referral.py", "Receipt ReferralMove"): OWN_OP_ID,
    ("roles/demand.py", "Score"): IN_A_QUERY,
    ("roles/models/activity.py", "Activity ActivityHousehold"): "the door itself",
    ("roles/models/postponement.py", "Postponement"): "the newest of rows that came through the door",
    ("roles/operations/activity.py", "ActivityHousehold GoalStep"): OPERATIONS,
    ("roles/operations/commitment.py", "Member"): OPERATIONS,
    ("roles/operations/incident.py", "Household"): OPERATIONS,
    ("roles/operations/incident.py", "IncidentNote"): "a command that seals all notes anew, without an asker",
    (
        "roles/operations/school_file.py",
        "SchoolFile",
    ): "a command that seals all files anew, without an asker",
    ("roles/views/meeting.py", "GroupSession"): IN_A_QUERY,
    ("sinergi/board.py", "Enrolment"): IN_A_QUERY,
    ("sinergi/closing.py", "TrainingPlace Attendance Referral"): IN_A_QUERY,
    (
        "sinergi/closing.py",
        "Household",
    ): "the numbers of cases that a figure of the programme counted for the asker",
    (
        "sinergi/evidence.py",
        "Consent Assessment Goal BusinessMember Score TrainingPlace Referral Attendance",
    ): "narrowed to enrolments that came through the door",
    ("sinergi/figures.py", "Household"): "families that a figure of the programme counted for the asker",
    ("sinergi/operations/enrolment.py", "Household"): OPERATIONS,
    ("sinergi/operations/programme.py", "BusinessMember"): OPERATIONS,
    ("reports/figures/declared/activities.py", "ActivityHousehold"): IN_A_QUERY,
    ("reports/figures/declared/meetings.py", "Household TrainingPlace"): IN_A_QUERY,
    ("reports/figures/declared/people.py", "HeldEntry"): IN_A_QUERY,
    (
        "reports/figures/declared/reporting.py",
        "Assignment FamilyChange",
    ): "the first of each pair of rows that came through the door; families that moved, as a part of that query",
    ("reports/figures/gap.py", "Resource"): IN_A_QUERY,
    (
        "reports/files/lists/__init__.py",
        "Household",
    ): "the families in the rows of a figure, which came through the door",
    ("reports/files/lists/families.py", "GoalStep WatchCheck"): IN_A_QUERY,
    ("reports/files/lists/network.py", "Household"): IN_A_QUERY,
    ("reports/files/lists/work.py", "Attendance TrainingPlace Resource ActivityHousehold"): IN_A_QUERY,
    ("reports/files/operations/export.py", "Export"): WORKER,
    ("reports/figures/views/dashboard.py", "Export"): "news_of_recap asks the door itself",
    (
        "reports/figures/progress.py",
        "Household Score",
    ): "narrowed to families or the area that the lens may count",
    ("reports/monthly/operations/susulan.py", "Activity"): OWN_OP_ID,
    ("reports/targets/operations.py", "Target"): OPERATIONS,
    ("reports/figures/queries.py", "Household"): "narrowed by a door in the next line, by duty",
    ("reports/figures/rollups.py", "Activity"): COUNTS,
    (
        "reports/monthly/views/period.py",
        "MonthlyReport",
    ): "how many of each state in months of the asker's area",
    ("kpm/independence/ready.py", "Household"): IN_A_QUERY,
    (
        "phone/shells.py",
        "Household",
    ): "the stand-in, which is stored and taken back, and whether its number is free",
    ("phone/operations.py", "Phone"): "a command that seals all keys anew, without an asker",
}
# Rows with a key to a family and no door: from where they are read instead.
WITHOUT_DOOR = {
    "GroupChair": "from a kelompok, which has a door",
    "FrozenRow": "from the lock of a month, which is asked for by area; a pendamping reads the own rows",
}
CASE_MODELS = {
    model.__name__: model
    for model in apps.get_models()
    if model._meta.app_label in settings.HOUSE_APPS and hasattr(model._default_manager.none(), "visible_to")
}


def modules():
    for app in settings.HOUSE_APPS:
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            if app not in NO_ASKER and not {"migrations", "commands"} & set(path.parts):
                yield path


def chains(tree):
    """(model, its calls) of each `Model.objects.…` in a module."""
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        named = (
            isinstance(node, ast.Attribute) and node.attr == "objects" and isinstance(node.value, ast.Name)
        )
        if not named or node.value.id not in CASE_MODELS.keys() - NO_CASE_DATA.keys():
            continue
        calls, at = [], node
        while isinstance(up := above.get(at), ast.Attribute | ast.Call) and at in {
            getattr(up, "value", None),
            getattr(up, "func", None),
        }:
            calls += [up] if isinstance(up, ast.Call) else []
            at = up
        if isinstance(up, ast.Call) and ast.unparse(up.func) == "locked" and at in up.args:
            # The row at hand as it is stored now.
            calls.append(ast.Call(up.func, [], [ast.keyword("pk", up.args[1])]))
        yield CASE_MODELS[node.value.id], calls


def is_given(model, keyword):
    """Whether a keyword of a filter binds rows to something at hand, and not to words of a request."""
    first = (keyword.arg or "").partition("__")[0]
    value = ast.unparse(keyword.value)
    try:
        field = model._meta.pk if first == "pk" else model._meta.get_field(first)
    except FieldDoesNotExist:
        return False
    if "GET" in value or "POST" in value or isinstance(keyword.value, ast.Constant):
        return False
    if field.is_relation:
        return True
    of_row = isinstance(keyword.value, ast.Attribute) and re.fullmatch(r"pk|id|\w+_id", keyword.value.attr)
    return field.primary_key and bool("OuterRef" in value or of_row or re.match(r"[\[{]\w+\.pk for", value))


def read_otherwise():
    """{(file, model)} of all chains that are neither a door, nor a write, nor bound to a row."""
    found = set()
    for path in modules():
        for model, calls in chains(ast.parse(path.read_text())):
            names = [call.func.attr for call in calls if isinstance(call.func, ast.Attribute)]
            given = any(is_given(model, keyword) for call in calls for keyword in call.keywords)
            if not given and not DOORS & set(names) and not (names and names[0] in WRITES):
                found.add((str(path.relative_to(settings.BASE_DIR)), model.__name__))
    return found


def test_every_module_reads_case_data_through_the_one_door():
    known = {(path, model) for path, models in ELSEWHERE for model in models.split()}
    found = read_otherwise()
    assert found - known == set(), "ask visible_to, or say in ELSEWHERE why not"
    assert known - found == set(), "no longer read otherwise: take it out of ELSEWHERE"


def test_the_door_is_looked_for_on_every_model_of_a_family():
    """A model with a key to a family has a door of its own, or is reached from rows that have one."""
    households = {
        model.__name__
        for model in apps.get_models()
        if model._meta.app_label in settings.HOUSE_APPS
        and not hasattr(model, "pgh_tracked_model")
        and any(field.name == "household" for field in model._meta.concrete_fields)
    }
    assert households - CASE_MODELS.keys() == set(WITHOUT_DOOR)
