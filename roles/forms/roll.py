"""A roll call: which of these families came, who came for each of them, and what was done there."""

from django import forms
from django.db.models import F, OuterRef, Subquery
from django.urls import reverse

from kpm.forms.families import FamilyRowsForm
from kpm.models import Household, Member, Pengurus
from pkh_casework.forms import DayField, ManyFilesInput, PhotosField, day_of_entry, text_field
from roles.forms.activity import NOTES_LENGTH, PLACE_LENGTH
from roles.models import Attendance
from roles.operations.activity import Entry
from roles.operations.roll import RollRow, told_by
from wilayah.clock import local_today

GROWN = 15  # years; younger children don't come for their family
REASON_LENGTH = FACILITATOR_LENGTH = 120
State = Attendance.State


def families_of_group(group, user):
    """The families of a kelompok that `user` accompanies now, in the order of their names."""
    return Household.objects.visible_to(user).active().filter(group=group).order_by("name", "id")


def rows_for(households, day):
    """A RollRow for each of the households, nothing said yet; two queries."""
    pengurus = Pengurus.objects.filter(household=OuterRef("household"), to_on=None).values("member")
    people = Member.objects.filter(household__in=households).present()
    people = people.annotate(answers=Subquery(pengurus)).order_by(F("birth_date").asc(nulls_last=True), "pk")
    by_family = {}
    for member in people:
        age = member.age_on(day)
        if member.answers == member.pk:
            by_family.setdefault(member.household_id, []).insert(0, member)
        elif age is None or age >= GROWN:
            by_family.setdefault(member.household_id, []).append(member)
    return [RollRow(household, by_family.get(household.pk, [])) for household in households]


class RollForm(FamilyRowsForm):
    """A roll call as a person fills it in.

    The families come as repeated `kpm` (case numbers), each with `hadir-<case>` (one of `states`), `oleh-<case>` (id
    of the member who came) and `alasan-<case>`: they are rows of the page, not fields.
    """

    occurred_on = DayField(
        label="Tanggal",
    )
    place = text_field("Tempat", PLACE_LENGTH, required=False)
    facilitator = text_field(
        "Pengisi", FACILITATOR_LENGTH, required=False, help_text="Bila ada tamu: kader, penyuluh, pelatih."
    )
    sub_role = forms.ChoiceField(
        label="Peran",
        error_messages={"required": "Pilih satu peran.", "invalid_choice": "Pilih peran dari daftar."},
    )
    notes = text_field(
        "Apa yang dilakukan",
        NOTES_LENGTH,
        rows=4,
        error_messages={"required": "Tulis apa yang dilakukan, singkat saja."},
    )
    photos = PhotosField(
        label="Foto daftar hadir", required=False, widget=ManyFilesInput(attrs={"accept": "image/*"})
    )

    def __init__(self, *args, user, catalogue, kind, group=None, rows=(), states=None, **kwargs):
        """`rows` for a form not yet sent."""
        super().__init__(*args, user=user, today=local_today(user.wilayah_id), **kwargs)
        self.catalogue, self.kind, self.group = catalogue, kind, group
        self.states = states or State.choices
        self.fields["occurred_on"].widget.attrs["max"] = self.today.isoformat()
        self.fields["sub_role"].choices = [
            (role.name, [(sub.code, sub.name) for sub in subs]) for role, subs in catalogue.by_role()
        ]
        self.rows = self._rows_sent() if self.is_bound else list(rows)

    def all_present(self):
        """Let every family be present: one tap instead of twenty-five."""
        for row in self.rows:
            row.state = State.PRESENT

    def clean_occurred_on(self):
        return day_of_entry(self.cleaned_data["occurred_on"], self.today)

    def clean_sub_role(self):
        return self.catalogue.sub_role(self.cleaned_data["sub_role"])

    def clean(self):
        data = super().clean()
        self._clean_rows()
        return data

    def _rows_sent(self):
        """The rows named in the form that `user` may open, in the order sent."""
        rows = rows_for(self.households_sent(), self.today)
        for row in rows:
            case, said = row.household.case_number, dict(self.states)
            row.state = self.data.get(f"hadir-{case}", "")
            row.state = row.state if row.state in said else ""
            sent = self.data.get(f"oleh-{case}", "")
            row.who = next((one for one in row.people if str(one.pk) == sent), next(iter(row.people), None))
            row.note = self._reason_sent(case)
        return rows

    def _reason_sent(self, case):
        return self.data.get(f"alasan-{case}", "").replace("\0", "").strip()

    def _clean_rows(self):
        self.refuse_unknown()
        for row in self.rows:
            if not row.state:
                row.error = "Pilih salah satu."
            elif len(row.note) > REASON_LENGTH:
                row.error = f"Alasannya terlalu panjang: paling banyak {REASON_LENGTH} huruf."
        self.name_wrong("Kehadiran belum lengkap: {}.", lambda row: row.household.name)

    def entry(self):
        """The arguments of operations.hold_session, hold_training and their corrections but what is held."""
        data = self.cleaned_data
        entry = Entry(
            occurred_on=data["occurred_on"],
            kind=self.kind,
            sub_role=data["sub_role"],
            notes=data["notes"],
            place=data["place"],
            group=self.group,
            photos=data["photos"],
            seen=data["version"],
            **told_by(self.rows),
        )
        said = {"op_id": self.op_id, "entry": entry, "rows": self.rows}
        # Who held a session stands with it; a training has its own.
        return said | {"facilitator": data["facilitator"]} if self.group else said

    def rest(self):
        """What was said of the families handed over meanwhile, as an activity of its own: the list itself is stored by
        then. As entries.holding.hold_rest asks for it.
        """
        met = {case: self.data.get(f"hadir-{case}") == State.PRESENT for case in self.handed_over}
        said = {
            name: self.data.getlist(name) for name in ("op_id", "occurred_on", "sub_role", "notes", "place")
        }
        answers = {f"met-{case}": ["ya" if was_met else "tidak"] for case, was_met in met.items()}
        return reverse("roles:activity_create"), {**said, "kind": [self.kind.code], "kpm": [*met], **answers}

    def row_in_words(self, name, value):
        """(label, words) of a row that was sent and is no field, for who decides about it; None for others."""
        part, _, case = name.partition("-")
        if part == "hadir":
            return dict(self.states).get(value, value), case
        if part == "alasan":
            return f"Alasan {case}", value
        if part == "oleh":
            row = next((row for row in self.rows if row.household.case_number == case), None)
            who = next((one for one in row.people if str(one.pk) == value), None) if row else None
            return f"Yang datang dari {case}", str(who or value)
        return None
