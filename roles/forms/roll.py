"""A roll call: which of these families came, who came for each of them, and what was done there."""

from datetime import date

from django import forms
from django.db.models import F, OuterRef, Subquery

from kpm.models import Assignment, Household, Member, Pengurus
from pkh_casework.forms import ManyFilesInput, PhotosField, Typed, day_of_entry, text_field
from roles.forms.activity import CASE_NUMBER, MOST_FAMILIES, NOTES_LENGTH, PLACE_LENGTH, ROW_ID
from roles.models import Attendance
from roles.operations.activity import Entry
from roles.operations.roll import Row, told_by
from wilayah.clock import local_today

GROWN = 15  # years; younger children don't come for their family
REASON_LENGTH = FACILITATOR_LENGTH = 120
State = Attendance.State


def families_of_group(group, user):
    """The families of a kelompok that `user` accompanies now, in the order of their names."""
    return Household.objects.visible_to(user).active().filter(group=group).order_by("name", "id")


def rows_for(households, day):
    """A Row for each of the households, nothing said yet; two queries."""
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
    return [Row(household, by_family.get(household.pk, [])) for household in households]


class RollForm(Typed, forms.Form):
    """A roll call as a person fills it in. `entry` (an operations.Entry) is there once the form is valid.

    The families come as repeated `kpm` (case numbers), each with `hadir-<case>` (one of `states`), `oleh-<case>` (id
    of the member who came) and `alasan-<case>`: they are rows of the page, not fields.
    """

    op_id = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": "Muat ulang halaman ini."})
    version = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    occurred_on = forms.DateField(
        label="Tanggal",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Isi tanggalnya.", "invalid": "Tulis tanggal yang benar."},
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

    def __init__(
        self, *args, user, catalogue, kind, group=None, rows=(), among=None, about="", states=None, **kwargs
    ):
        """`rows` for a form not yet sent. `among`: the case numbers that a correction may name. `about` says what the
        roll is of, so that the same answers for another meeting are another entry.
        """
        super().__init__(*args, **kwargs)
        self.user, self.catalogue, self.kind, self.group = user, catalogue, kind, group
        self.among, self.about, self.states = among, about, states or State.choices
        self.today = local_today(user.wilayah_id)
        self.handed_over = []
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
        self.sent = self._sent(data)
        if not self.errors:
            self.entry = self._entry(data)
        return data

    def _cases_sent(self):
        return list(dict.fromkeys(case.strip().upper() for case in self.data.getlist("kpm")))

    def _rows_sent(self):
        """The rows named in the form that `user` may open, in the order sent."""
        wanted = [case for case in self._cases_sent()[:MOST_FAMILIES] if CASE_NUMBER.fullmatch(case)]
        wanted = [case for case in wanted if self.among is None or case in self.among]
        found = Household.objects.visible_to(self.user).filter(case_number__in=wanted)
        found = {household.case_number: household for household in found}
        rows = rows_for([found[case] for case in wanted if case in found], self.today)
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
        cases, here = self._cases_sent(), {row.household.case_number for row in self.rows}
        if not cases:
            self.add_error(None, "Belum ada keluarga di daftar ini.")
        for case in self._without_those_handed_over([case for case in cases if case not in here]):
            self.add_error(None, f"Keluarga {case[:12]} tidak ditemukan.")
        for row in self.rows:
            if not row.state:
                row.error = "Pilih salah satu."
            elif len(row.note) > REASON_LENGTH:
                row.error = f"Alasannya terlalu panjang: paling banyak {REASON_LENGTH} huruf."
        wrong = [row.household.name for row in self.rows if row.error]
        if wrong:
            named = ", ".join(wrong[:3]) + (f", dan {len(wrong) - 3} lagi" if len(wrong) > 3 else "")
            self.add_error(None, f"Kehadiran belum lengkap: {named}.")

    def _without_those_handed_over(self, unknown):
        """`unknown` (case numbers) without those held before: these are not refused, but held for a koordinator, or
        in a correction left as they are.
        """
        readable = [case for case in unknown if CASE_NUMBER.fullmatch(case)]
        if self.among is not None:
            self.handed_over = [case for case in readable if case in self.among]
        elif readable:
            once = Assignment.objects.filter(pendamping=self.user, household__case_number__in=readable)
            self.handed_over = list(once.values_list("household__case_number", flat=True).distinct())
        return [case for case in unknown if case not in self.handed_over]

    def _sent(self, data):
        """The submission as typed, with errors or without, and whatever became of its families meanwhile."""
        cases = sorted(self._cases_sent())
        said = {
            name: data.get(name, self.data.get(name, ""))
            for name in ("occurred_on", "notes", "place", "facilitator", "photos")
        }
        photos = said["photos"] or [upload.name for upload in self.files.getlist("photos")]
        day = said["occurred_on"]
        states = {case: self.data.get(f"hadir-{case}", "") for case in cases}
        return {
            "daftar_hadir": self.about,
            "kpm": cases,
            "tidak_bertemu": [case for case in cases if states[case] != State.PRESENT],
            "izin": [case for case in cases if states[case] == State.EXCUSED],
            "diwakili": [
                f"{case}={who}"
                for case in cases
                if ROW_ID.fullmatch(who := self.data.get(f"oleh-{case}", ""))
            ],
            "alasan": [f"{case}={note}" for case in cases if (note := self._reason_sent(case))],
            "tanggal": day.isoformat() if isinstance(day, date) else day,
            "jenis": self.kind.code,
            "peran": self.data.get("sub_role", ""),
            "catatan": said["notes"],
            "tempat": said["place"],
            "pengisi": said["facilitator"],
            "foto": sorted(getattr(photo, "sha256", photo) for photo in photos),
        }

    def _entry(self, data):
        return Entry(
            occurred_on=data["occurred_on"],
            kind=self.kind,
            sub_role=data["sub_role"],
            notes=data["notes"],
            place=data["place"],
            group=self.group,
            photos=data["photos"],
            handed_over=self.handed_over,
            sent=self.sent,
            **told_by(self.rows),
        )
