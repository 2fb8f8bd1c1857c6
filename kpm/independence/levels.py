"""The roll-up of levels: how many families stood where at the end of each past month, by kelurahan of the day."""

from django.db import connection, transaction
from django.db.models import Min

from kpm.models import Assessment, LevelMonth
from pkh_casework.days import months_after
from wilayah.clock import local_today
from wilayah.models import Wilayah

# Of answers that held at the end of a month: `after` is the first day of the next one.
COUNTED = """
    SELECT wilayah_id, code, level, count(*)::int AS families
    FROM kpm_score
    WHERE state = 'dijawab' AND assessed_on < %(after)s AND (until_on IS NULL OR until_on >= %(after)s)
      AND (%(wilayah)s::text IS NULL OR wilayah_id = %(wilayah)s)
    GROUP BY wilayah_id, code, level
"""
FILL = f"""
    INSERT INTO kpm_levelmonth (month, wilayah_id, code, level, families)
    SELECT %(month)s, wilayah_id, code, level, families FROM ({COUNTED}) AS counted
"""  # noqa: S608  nothing but the constant above
DIFFERENCES = f"""
    SELECT wilayah_id, code, level
    FROM ({COUNTED}) AS counted
    FULL JOIN (SELECT * FROM kpm_levelmonth WHERE month = %(month)s) AS kept USING (wilayah_id, code, level)
    WHERE counted.families IS DISTINCT FROM kept.families
"""  # noqa: S608  nothing but the constant above
RECENT_MONTHS = 24  # those that pages compare with; counted anew every night, in case anything was missed
LOCK = "LOCK TABLE kpm_levelmonth IN SHARE ROW EXCLUSIVE MODE"


def fill_month(month, wilayah_id=None):
    """Count the month that begins on `month` anew from the scores, for one kelurahan or for all."""
    rows = LevelMonth.objects.filter(month=month)
    if wilayah_id:
        rows = rows.filter(wilayah=wilayah_id)
    rows.delete()
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"month": month, "after": next_month(month), "wilayah": wilayah_id})


def correct_months(wilayah_ids, since):
    """A score of the past changed: count these kelurahan again in each month from the one of `since` on that the
    roll-up holds.
    """
    months = LevelMonth.objects.filter(month__gte=since.replace(day=1)).order_by("month")
    counted = list(months.values_list("month", flat=True).distinct())
    if not counted:
        return
    # A second late entry waits here, and its count sees the first.
    areas = Wilayah.objects.filter(pk__in=wilayah_ids).order_by("pk").select_for_update(no_key=True)
    for wilayah in areas:
        for month in counted:
            fill_month(month, wilayah.pk)


def next_month(month):
    """The first day of the month after `month`, itself a first day."""
    return months_after(month, 1)


def closed_months(first, wilayah_id):
    """First days of the months from the one of `first` to the last that is over."""
    month, this_month = first.replace(day=1), local_today(wilayah_id).replace(day=1)
    while month < this_month:
        yield month
        month = next_month(month)


# --- the whole roll-up, every night ----------------------------------------------------------------------------------


def is_rolled_up(month):
    """Whether the roll-up holds anything of the month that begins on `month`."""
    return LevelMonth.objects.filter(month=month).exists()


def months_to_keep():
    """First days of all months that are over, from the first assessment on, oldest first."""
    first = Assessment.objects.aggregate(first=Min("assessed_on"))["first"]
    return list(closed_months(first, None)) if first else []


def roll_up(*, anew=False):
    """Fill each month that is missing and count the RECENT_MONTHS anew, or all `anew`; one transaction a month.
    Returns how many.
    """
    months = months_to_keep()
    held = set(LevelMonth.objects.values_list("month", flat=True).distinct())
    due = [month for month in months if anew or month not in held or month in months[-RECENT_MONTHS:]]
    for month in due:
        with transaction.atomic(), connection.cursor() as cursor:
            # A late entry that corrects the month waits, or has ended: neither count overwrites the other.
            cursor.execute(LOCK)
            fill_month(month)
    return len(due)


def differences(month):
    """The cells (area code, indicator, level) where the roll-up of `month` says something else than the scores do."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCES, {"month": month, "after": next_month(month), "wilayah": None})
        return cursor.fetchall()
