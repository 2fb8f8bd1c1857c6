"""Files that wait to be taken: a pendamping's families, and the recap of last month that made itself."""

from django.db import transaction

from pkh_casework.days import months_after
from pkh_casework.ids import uuid7
from reports.files.lists import LISTS
from reports.files.operations.export import ask_export, make
from reports.files.operations.recap import ask_recap, plan_recap
from reports.models import Export

PURPOSE = "Bahan rapat koordinasi di kelurahan"
RECAP_DAY = 1
FIRST_ASKER = "pendamping.kebonjayanti"


def are_filled():
    """Whether `fill_exports` is done, whatever people have asked for since."""
    return Export.objects.filter(user__username=FIRST_ASKER, purpose=PURPOSE).exists()


@transaction.atomic
def fill_exports(today, users):
    """One file of a list and one recap, both ready, as of `today` (date); `users` are the demo's by username."""
    columns = [column.key for column in LISTS["kpm"].columns if column.chosen]
    asked = {"format": Export.Format.XLSX, "purpose": PURPOSE, "columns": columns}
    ask_export("kpm", "", by=users[FIRST_ASKER], op_id=uuid7(), sent="demo", **asked)
    last_month = months_after(today.replace(day=1), -1)
    for name in ("koordinator.kiaracondong", "koordinator.bandung"):
        plan = plan_recap(
            by=users[name], op_id=uuid7(), sent="demo", day=RECAP_DAY, format=Export.Format.XLSX
        )
        make(ask_recap(plan, last_month).pk)
