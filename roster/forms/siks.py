"""The SIKS-NG desk: sending the file of a tahap, deciding on its differences, ticking off what was typed."""

from uuid import UUID

from django import forms

from accounts.models import User
from entries.forms import DateField
from kpm.models import CaseReason
from kpm.payments import terms_back
from pkh_casework.forms import OneTap, day_of_entry, text_field
from roster.models import Difference, Kind
from roster.operations.siks import Terms
from wilayah.models import Wilayah

from .batch import UploadForm

State = Difference.State
Use = CaseReason.Use
# Which coded reason goes with what is taken from the file.
REASONS = {
    Kind.OUT: Use.INACTIVE,
    Kind.STATUS: Use.ACTIVE_AGAIN,
    Kind.PENGURUS: Use.PENGURUS,
    Kind.MOVED: Use.HOME_MOVES,
}
WITH_DAY = {*REASONS, Kind.LEFT}
MOST_AT_ONCE = 200  # rows of one submission
DECISIONS = [(one, one.label) for one in (State.TAKEN, State.REFUSED, State.LATER)]
CHOOSE = "Centang barisnya dulu, atau pilih semua baris jenis ini."
WHY = "Tulis sebabnya singkat: yang mengetik ke SIKS-NG membacanya."


LEVELS_BELOW = (
    2  # of the own area, for which a file may be: a list of all desa of a province is none to choose from
)


class AreaField(forms.ModelChoiceField):
    """One of some areas, each with what it is: a kelurahan and its kecamatan may have one name."""

    def label_from_instance(self, obj):
        return f"{obj.name} ({obj.get_level_display()})"


class QuarterlyForm(UploadForm):
    """The file of a tahap, and for which area it is whole."""

    field_order = ["term", "area", "file"]

    term = forms.ChoiceField(label="Tahap")
    area = AreaField(
        Wilayah.objects.none(),
        label="Berkas ini lengkap untuk",
        empty_label=None,
        help_text="KPM di wilayah ini yang tidak ada di berkas tampil sebagai keluar.",
    )

    def __init__(self, data=None, files=None, **kwargs):
        terms = terms_back(kwargs["today"])
        own = kwargs["user"].wilayah_id
        super().__init__(data, files, initial={"area": own}, **kwargs)
        self.terms = {term.key: term for term in terms}
        self.fields["term"].choices = [(term.key, term.name) for term in terms]
        level = self.user.wilayah.level
        under = Wilayah.objects.under(own).filter(level__range=(level, level + LEVELS_BELOW))
        self.fields["area"].queryset = under.order_by("level", "name")

    def entry(self):
        """The arguments of operations.siks.receive_quarterly."""
        data = self.cleaned_data
        return {**super().entry(), "area": data["area"], "term": self.terms[data["term"]]}


class RowsField(forms.Field):
    """The ticked rows, each as `id.mark`: {id: mark}."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value):
        found = {}
        for one in value or []:
            key, _, mark = str(one).partition(".")
            try:
                found[UUID(key)] = mark[:16]
            except ValueError:
                continue
        return found


class DecideForm(OneTap, forms.Form):
    """A decision on rows of one `kind`: those ticked, or with `all_rows` all of `among` that wait. A row alone (`only`) is
    decided on its own page.
    """

    decision = forms.ChoiceField(
        choices=DECISIONS,
        error_messages={
            "required": "Pilih terima, tolak, atau tunda.",
            "invalid_choice": "Pilih terima, tolak, atau tunda.",
        },
    )
    rows = RowsField(required=False)
    all_rows = forms.BooleanField(label="Semua baris jenis ini", required=False)
    on = DateField(label="Sejak tanggal", required=False)
    reason = forms.ModelChoiceField(
        CaseReason.objects.none(), label="Alasan", required=False, empty_label="Pilih alasan"
    )
    words = text_field("Keterangan alasan", 200, required=False)
    pendamping = forms.ModelChoiceField(
        User.objects.none(),
        label="Pendamping untuk keluarga baru",
        required=False,
        empty_label="Menurut berkas",
        help_text="Dipakai bila berkas tidak menyebut pendampingnya.",
    )
    joined = forms.CharField(required=False, max_length=9, widget=forms.HiddenInput)
    note = text_field("Catatan", 300, required=False, help_text="Wajib bila ditolak atau ditunda.")

    def __init__(self, data=None, *, kind, among, only=None, **kwargs):
        super().__init__(data, initial={"on": kwargs["today"]}, **kwargs)
        self.kind, self.among, self.only = Kind(kind), among, only
        self.fields["on"].bound_by(self.today)
        self.fields["on"].validators.append(lambda day: day_of_entry(day, self.today))
        use = REASONS.get(self.kind)
        if use:
            self.fields["reason"].queryset = CaseReason.objects.valid_on(self.today).filter(use=use)
        self.fields["reason"].help_text = (
            "Bila diterima, untuk yang pindah kelurahan."
            if self.kind == Kind.MOVED
            else "Wajib bila diterima."
        )
        if self.kind == Kind.IN:
            people = User.objects.visible_to(self.user).pendamping().filter(is_active=True)
            self.fields["pendamping"].queryset = people.order_by("name", "pk")
        unused = set() if use else {"reason", "words"}
        unused |= set() if self.kind in WITH_DAY else {"on"}
        unused |= set() if self.kind == Kind.IN else {"pendamping", "joined"}
        unused |= {"rows", "all_rows"} if only else {"joined"}
        for name in unused:
            del self.fields[name]

    @property
    def ticked(self):
        """The ids of the rows that were ticked, as the page has them."""
        return {one.partition(".")[0] for one in self.data.getlist("rows")} if self.is_bound else set()

    @property
    def shown(self):
        """The bound fields that a person fills in."""
        return [self[name] for name in ("on", "reason", "words", "pendamping", "note") if name in self.fields]

    def clean(self):
        data = super().clean()
        decision = data.get("decision")
        if decision in {State.REFUSED, State.LATER} and not data.get("note") and "note" not in self.errors:
            self.add_error("note", WHY)
        if decision == State.TAKEN and self.kind in REASONS:
            reason = data.get("reason")
            if reason is None and self.kind != Kind.MOVED and "reason" not in self.errors:
                self.add_error("reason", "Pilih alasannya.")
            elif reason and reason.needs_words and not data.get("words") and "words" not in self.errors:
                self.add_error("words", reason.words_label or "Tulis keterangannya.")
        if not self.errors:
            self.chosen = self._chosen(data)
        return data

    def _chosen(self, data):
        """{id: mark} of what is decided."""
        if self.only:
            return {self.only.pk: self.data.get("seen", "")[:16]}
        if data["all_rows"]:
            waiting = self.among.filter(state=State.OPEN).order_by("name", "pk")[:MOST_AT_ONCE]
            return {row.pk: row.mark for row in waiting}
        if not data["rows"]:
            self.add_error(None, CHOOSE)
        return dict(list(data["rows"].items())[:MOST_AT_ONCE])

    def entry(self):
        """The arguments of operations.siks.decide."""
        data = self.cleaned_data
        terms = Terms(
            on=data.get("on") or self.today,
            reason=data.get("reason"),
            words=data.get("words", ""),
            pendamping=data.get("pendamping"),
            joined=data.get("joined", ""),
        )
        return {
            "op_id": self.op_id,
            "chosen": self.chosen,
            "today": self.today,
            "decision": data["decision"],
            "note": data["note"],
            "terms": terms,
            "is_alone": self.only is not None,
        }


class TypedForm(OneTap, forms.Form):
    """On which day a row was typed into SIKS-NG."""

    on = DateField(label="Diketik tanggal")

    def __init__(self, data=None, **kwargs):
        super().__init__(data, initial={"on": kwargs["today"]}, **kwargs)
        self.fields["on"].bound_by(self.today)
        self.fields["on"].validators.append(lambda day: day_of_entry(day, self.today))

    def entry(self):
        """The arguments of operations.to_type.tick_off."""
        return {"op_id": self.op_id, "on": self.cleaned_data["on"]}
