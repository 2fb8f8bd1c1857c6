"""What is said about a graduation: the proposal with its documents, a decision, a look afterwards."""

from django import forms

from entries.forms import DateField, EntryForm
from kpm.models import GraduationFile, GraduationKind, Member, WatchCheck
from kpm.operations.graduation import papers_of
from pkh_casework.forms import ManyFilesInput, PhotosField, text_field

STATEMENT_LENGTH, REASON_LENGTH, NOTE_LENGTH = 2000, 500, 1000


class ProposalForm(EntryForm):
    """A new proposal of a family, or with `case` the change of one; documents are added once the kind is known."""

    kind = forms.ModelChoiceField(
        GraduationKind.objects.none(),
        label="Jenis graduasi",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih jenis graduasinya."},
    )
    statement = text_field(
        "Alasan dan keadaan keluarga",
        STATEMENT_LENGTH,
        rows=6,
        help_text="Dengan kata-kata keluarga: apa yang sudah berubah, dan mengapa sekarang.",
        error_messages={"required": "Tulis alasan dan keadaan keluarga."},
    )
    signed_by = forms.ModelChoiceField(
        Member.objects.none(),
        label="Ditandatangani oleh",
        required=False,
        empty_label="Belum ditandatangani",
        help_text="Siapa dari keluarga yang menandatangani surat pernyataan.",
    )
    signed_on = DateField(label="Tanggal tanda tangan", required=False)

    def __init__(self, *args, household, case=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.case = case
        kinds = GraduationKind.objects.valid_on(self.today)
        if case:
            kinds |= GraduationKind.objects.filter(pk=case.kind_id)
        self.fields["kind"].queryset = kinds
        self.fields["signed_by"].queryset = Member.objects.filter(household=household).present()
        self.papers = list(papers_of(case.kind_id, self.today)) if case else []
        for paper in self.papers:
            widget = ManyFilesInput(attrs={"accept": "image/*", "data-shrink": True})
            self.fields[_name(paper)] = PhotosField(
                label=paper.name,
                required=False,
                widget=widget,
                help_text="Paling banyak 4 foto sekali kirim.",
            )
        if case:
            self.fields["dropped"] = forms.ModelMultipleChoiceField(
                GraduationFile.objects.filter(case=case),
                label="Foto yang dibuang",
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    @property
    def paper_fields(self):
        """(paper, bound field, the photos that are there) for each document of the stored kind."""
        there = {}
        for file in GraduationFile.objects.filter(case=self.case):
            there.setdefault(file.paper_id, []).append(file)
        return [(paper, self[_name(paper)], there.get(paper.pk, [])) for paper in self.papers]

    @property
    def kind_options(self):
        """(radio, kind) pairs, so that the page can explain each kind."""
        kinds = {str(kind.pk): kind for kind in self.fields["kind"].queryset}
        return [(radio, kinds[str(radio.data["value"])]) for radio in self["kind"]]

    def clean(self):
        data = super().clean()
        if bool(data.get("signed_by")) != bool(data.get("signed_on")) and not self.errors:
            field, words = (
                ("signed_on", "Isi tanggal tanda tangannya.")
                if data.get("signed_by")
                else ("signed_by", "Pilih siapa yang menandatangani.")
            )
            self.add_error(field, words)
        return data

    def entry(self):
        """The arguments of operations.prepare_case or change_case."""
        data = self.cleaned_data
        said = {name: data[name] for name in ("kind", "statement", "signed_by", "signed_on")}
        if self.case:
            said["photos"] = {paper: data[_name(paper)] for paper in self.papers if data[_name(paper)]}
            said["dropped"] = list(data["dropped"])
        return {"op_id": self.op_id, "today": self.today, **said}


class GraduationMoveForm(EntryForm):
    """One step of a case; `seen` names what the person saw of it."""

    reason = text_field("Keterangan", REASON_LENGTH, rows=3, required=False)

    def __init__(self, *args, seen, needs_reason, **kwargs):
        super().__init__(*args, **kwargs)
        self.version = seen
        if needs_reason:
            self.fields["reason"].required = True
            self.fields["reason"].label = "Alasan"
            self.fields["reason"].error_messages["required"] = "Tulis alasannya, singkat saja."

    def entry(self):
        """The arguments of operations.move_case."""
        said = {"seen": self.seen_version, "reason": self.cleaned_data["reason"]}
        return {"op_id": self.op_id, "today": self.today, **said}


class WatchForm(EntryForm):
    """How a family stands some months after graduation."""

    done_on = DateField(label="Tanggal")
    by_phone = forms.TypedChoiceField(
        label="Bagaimana",
        choices=[("ya", "Lewat telepon"), ("tidak", "Bertemu langsung")],
        coerce=lambda value: value == "ya",
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih telepon atau bertemu."},
    )
    outcome = forms.ChoiceField(
        label="Keadaan keluarga",
        choices=WatchCheck.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih keadaan keluarga."},
    )
    note = text_field(
        "Catatan", NOTE_LENGTH, rows=3, required=False, help_text="Apa yang diceritakan keluarga."
    )

    def __init__(self, *args, graduated_on, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["done_on"].oldest = graduated_on
        self.fields["done_on"].bound_by(self.today)

    def entry(self):
        """The arguments of operations.record_check."""
        return {"op_id": self.op_id, "today": self.today, **self.cleaned_data}


def _name(paper):
    return f"berkas-{paper.pk}"
