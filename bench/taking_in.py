"""A file of families taken in one way, as a program of its own: prints {rows, new, refused, seconds, cpu, peak_mb, steps}.

`python -m bench.taking_in ours|import-export|import-export-one PATH` on the database of DATABASE_URL, which `python -m bench.taking_in
people HOLDERS` filled with those who are named in the file: read, checked row by row with the faults of each, taken in.
Ours makes of each row a family, its pengurus, a component, a kelompok, a term of its holder, their history and sealed
numbers. So does a resource of django-import-export, run as its admin does: a dry run that collects the faults, then the
rows without any. `import-export-one` makes one row of one plain table.
"""

import hashlib
import json
import os
import resource
import sys
import time
from pathlib import Path

import django

KELURAHAN, KOTA = "3273161002", "3273"


def main():
    match sys.argv[1:]:
        case ["people", holders]:
            people(int(holders))
        case ["ours", path]:
            report(ours, Path(path))
        case ["import-export", path]:
            report(import_export, Path(path))
        case ["import-export-one", path]:
            report(import_export_one, Path(path))
        case _:
            sys.exit(__doc__)


def report(way, path):
    steps, start = {}, time.monotonic()
    found = way(path, Steps(steps))
    seconds = time.monotonic() - start
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    json.dump(
        found
        | {
            "seconds": seconds,
            "cpu": sum(one.ru_utime + one.ru_stime for one in used),
            "peak_mb": max(one.ru_maxrss for one in used) / 1024,
            "steps": steps,
        },
        sys.stdout,
    )


class Steps:
    """Notes how long each step took."""

    def __init__(self, steps):
        self.steps, self.at = steps, time.monotonic()

    def __call__(self, name):
        now = time.monotonic()
        self.steps[name], self.at = round(now - self.at, 2), now


# --- who is named in the file -----------------------------------------------------------------------------------------


def people(holders):
    django.setup()
    from accounts.models import User

    User.objects.bulk_create(
        User(
            username=f"bench{at}",
            name=f"Rina Marlina {at}",
            duty="pendamping",
            wilayah_id=KELURAHAN,
            password="!",
        )
        for at in range(holders)
    )
    User.objects.create(
        username="benchkantor", name="Kantor", duty="koordinator", wilayah_id=KOTA, password="!"
    )
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO peer.auth_user (id, username, first_name, last_name, email, password, is_superuser, is_staff,"
            " is_active, date_joined) SELECT id, username, name, '', '', '!', false, false, true, now()"
            " FROM accounts_user"
        )
        cursor.execute(
            "INSERT INTO peer.plain_group (name) SELECT 'Mawar ' || n FROM generate_series(0, 2999) n"
        )
        for table, parent, level in (
            ("province", "", 1),
            ("regency", "province", 2),
            ("district", "regency", 3),
            ("village", "district", 4),
        ):
            column = f", {parent}_id" if parent else ""
            cursor.execute(
                f"INSERT INTO peer.plain_{table} (code, name{column}) SELECT code, name{', parent_id' if parent else ''}"  # noqa: S608
                " FROM wilayah_wilayah WHERE level = %s AND (code LIKE '327316%%' OR '327316' LIKE code || '%%')",
                [level],
            )
        # A first sketch has none; without it each row would read the whole table.
        cursor.execute("CREATE INDEX ON peer.plain_household (family_card)")


# --- ours -------------------------------------------------------------------------------------------------------------


def ours(path, step):
    django.setup()
    from django.conf import settings
    from django.core.files.uploadedfile import TemporaryUploadedFile

    from accounts.models import User
    from pkh_casework.ids import uuid7
    from roster.models import Batch
    from roster.operations.applying import ask_to_apply
    from roster.operations.batch import go_on, match_columns, receive_file
    from wilayah.models import Wilayah

    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    by = User.objects.get(username="benchkantor")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    upload = TemporaryUploadedFile(path.name, "", path.stat().st_size, None)
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            upload.file.write(piece)
    upload.file.seek(0)
    batch = receive_file(by=by, op_id=uuid7(), upload=upload, sha256=digest)
    step("received")
    go_on(batch.pk)
    batch.refresh_from_db()
    step("read")
    match_columns(
        batch,
        by=by,
        op_id=uuid7(),
        fields=[column["field"] for column in batch.columns],
        kelurahan=Wilayah.objects.get(pk=KELURAHAN),
        pendamping=None,
    )
    go_on(batch.pk)
    batch.refresh_from_db()
    step("checked")
    ask_to_apply(batch, by=by, op_id=uuid7())
    go_on(batch.pk)
    batch.refresh_from_db()
    step("taken in")
    if batch.state != Batch.State.APPLIED:
        raise RuntimeError(f"{batch.state}: {batch.words}")
    return {"rows": batch.rows_total, "new": batch.totals["masuk"], "refused": batch.totals.get("ditolak", 0)}


# --- django-import-export ---------------------------------------------------------------------------------------------


def import_export(path, step):
    """Into our tables, as a resource for them is written."""
    django.setup()
    from datetime import date, datetime

    import pghistory
    from import_export.instance_loaders import BaseInstanceLoader
    from import_export.resources import ModelResource

    from accounts.models import User
    from kpm.models import Assignment, Component, Group, Household, Member, MemberComponent, Pengurus
    from kpm.operations import next_case_numbers
    from pkh_casework.fields import blind_index
    from wilayah.models import Wilayah

    by, today = User.objects.get(username="benchkantor"), date.today()
    components = {one.short_name.lower(): one for one in Component.objects.all()}

    class ByCard(BaseInstanceLoader):
        def get_instance(self, row):
            return Household.objects.filter(no_kk_index=blind_index(row["No KK"], "no_kk")).first()

    class Families(ModelResource):
        class Meta:
            model = Household
            import_id_fields = ()
            fields = ()
            instance_loader_class = ByCard
            skip_unchanged = False

        def before_import_row(self, row, **kwargs):
            refuse_damaged(row)

        def before_save_instance(self, instance, row, **kwargs):
            instance.case_number = next_case_numbers(1)[0]
            instance.no_kk, instance.name, instance.address = row["No KK"], row["Nama"], row["Alamat"]
            instance.rt, instance.rw = int(row["RT"]), int(row["RW"])
            instance.wilayah = Wilayah.objects.get(name=row["Kelurahan"], parent__name=row["Kecamatan"])
            instance.pendamping = User.objects.get(name=row["Pendamping"])
            instance.group, _ = Group.objects.get_or_create(
                name=row["Kelompok"], pendamping=instance.pendamping, defaults={"wilayah": instance.wilayah}
            )
            instance.status, instance.path, instance.joined_on = "aktif", "usaha", today

        def after_save_instance(self, instance, row, **kwargs):
            member = Member(household=instance, name=row["Nama"], sex=row["JK"], relation="pasangan")
            member.nik = row["NIK"]
            member.birth_date = datetime.strptime(row["Tanggal Lahir"], "%d/%m/%Y").date()
            member.save(force_insert=True)
            if component := components.get(row["Komponen"].lower()):
                MemberComponent.objects.create(
                    member=member, household=instance, component=component, place="", from_on=today
                )
            Pengurus.objects.create(household=instance, member=member, from_on=today)
            Assignment.objects.create(
                household=instance, pendamping=instance.pendamping, from_on=today, by=by, reason=""
            )

    with pghistory.context(user=by.pk):
        return as_its_admin_does(Families, path, step)


def import_export_one(path, step):
    """Into one plain table."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.peers.settings"
    django.setup()
    from datetime import date

    from django.contrib.auth.models import User
    from import_export.fields import Field
    from import_export.resources import ModelResource
    from import_export.widgets import ForeignKeyWidget, IntegerWidget

    from bench.peers.models import Group, Household, Village

    class Families(ModelResource):
        family_card = Field("family_card", "No KK")
        name = Field("name", "Nama")
        address = Field("address", "Alamat")
        rt = Field("rt", "RT", widget=IntegerWidget())
        rw = Field("rw", "RW", widget=IntegerWidget())
        village = Field("village", "Kelurahan", widget=ForeignKeyWidget(Village, "name"))
        group = Field("group", "Kelompok", widget=ForeignKeyWidget(Group, "name"))
        worker = Field("worker", "Pendamping", widget=ForeignKeyWidget(User, "first_name"))

        class Meta:
            model = Household
            import_id_fields = ("family_card",)
            fields = ("family_card", "name", "address", "rt", "rw", "village", "group", "worker")
            skip_unchanged = True

        def before_import_row(self, row, **kwargs):
            refuse_damaged(row)

        def before_save_instance(self, instance, row, **kwargs):
            instance.case_number = f"B{int(row['No']):07d}"
            instance.status, instance.path, instance.decile = "aktif", "usaha", 1
            instance.joined_on = date(2019, 1, 1)

    return as_its_admin_does(Families, path, step)


def refuse_damaged(row):
    for name in ("No KK", "NIK"):
        if len(row[name]) != 16 or not row[name].isdigit():
            raise ValueError(f"{name}: 16 angka")


def as_its_admin_does(resource, path, step):
    """A dry run that collects the faults, then the rows without any."""
    rows = dataset(path)
    step("read")
    told = resource().import_data(rows, dry_run=True, raise_errors=False, use_transactions=True).error_rows
    faults = {row.number for row in told}
    step("checked")
    kept = dataset(path)
    for number in sorted(faults, reverse=True):
        del kept[number - 1]
    result = resource().import_data(kept, dry_run=False, raise_errors=True, use_transactions=True)
    step("taken in")
    return {"rows": len(rows), "new": result.totals["new"], "refused": len(faults)}


def dataset(path):
    from import_export.formats.base_formats import CSV, XLSX

    if path.suffix == ".csv":
        return CSV(encoding="utf-8-sig").create_dataset(path.read_text(encoding="utf-8-sig"), delimiter=";")
    return XLSX().create_dataset(path.read_bytes())


if __name__ == "__main__":
    main()
