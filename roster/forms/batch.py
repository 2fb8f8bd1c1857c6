"""Sending a file, saying what its columns hold, and choosing what is taken in."""

from django import forms

from accounts.models import User
from entries.submit import digest_of
from pkh_casework.forms import OneFileField, OneTap, TapForm
from roster.columns import known_columns, label_of, what_is_missing
from roster.files import ENDINGS, LARGEST
from roster.models import StagedFamily
from wilayah.models import Wilayah

LEFT_OUT = "Tidak dipakai"


class UploadForm(OneTap, forms.Form):
    """A file of families."""

    file = OneFileField(
        label="Berkas",
        help_text=f"Excel (.xlsx, .xls), ODS, atau CSV, paling besar {LARGEST // 1_000_000} MB.",
        kinds=ENDINGS,
        largest=LARGEST,
    )

    def entry(self):
        """The arguments of operations.batch.receive_file."""
        upload = self.cleaned_data["file"]
        return {"op_id": self.op_id, "upload": upload, "sha256": digest_of(upload)}


class ColumnsForm(OneTap, forms.Form):
    """What each column of a batch holds, and the place and holder of families for which it says none."""

    kelurahan = forms.ModelChoiceField(
        Wilayah.objects.none(),
        label="Kelurahan bila berkas tidak menyebutnya",
        required=False,
        empty_label="Tidak dipilih",
    )
    pendamping = forms.ModelChoiceField(
        User.objects.none(),
        label="Pendamping bila berkas tidak menyebutnya",
        required=False,
        empty_label="Tidak dipilih",
        help_text="Keluarga baru tanpa nama pendamping di berkas masuk atas namanya.",
    )

    def __init__(self, data=None, *, batch, **kwargs):
        initial = {"kelurahan": batch.default_kelurahan_id, "pendamping": batch.default_pendamping_id}
        super().__init__(data, initial=initial, **kwargs)
        self.batch = batch
        self.fields["kelurahan"].queryset = Wilayah.objects.kelurahan().under(self.user.wilayah_id)
        people = User.objects.visible_to(self.user).pendamping()
        self.fields["pendamping"].queryset = people.filter(is_active=True)
        choices = [("", LEFT_OUT), *((one.field, one.label) for one in known_columns().values())]
        for number, column in enumerate(batch.columns):
            field = forms.ChoiceField(
                label=column["heading"],
                choices=choices,
                required=False,
                initial=column["field"],
                help_text=f"Misalnya: {'; '.join(column['samples'])}" if column["samples"] else "Kosong.",
            )
            self.fields[f"kolom_{number}"] = field

    @property
    def columns(self):
        """The bound fields of the columns, in the order of the file."""
        return [self[f"kolom_{number}"] for number in range(len(self.batch.columns))]

    def clean(self):
        data = super().clean()
        chosen = [data.get(f"kolom_{number}", "") for number in range(len(self.batch.columns))]
        for number, field in enumerate(chosen):
            if field and field in chosen[:number]:
                self.add_error(f"kolom_{number}", f"{label_of(field)} sudah dipilih untuk kolom lain.")
        if not self.errors and (words := what_is_missing(chosen)):
            self.add_error(None, words)
        self.chosen = chosen
        return data

    def entry(self):
        """The arguments of operations.batch.match_columns."""
        data = self.cleaned_data
        return {
            "op_id": self.op_id,
            "fields": self.chosen,
            "kelurahan": data["kelurahan"],
            "pendamping": data["pendamping"],
        }


class ChoiceForm(TapForm):
    """Whether one family of a batch is taken in, and as which that is there (`joined`, a case number; "-" for none)."""

    choice = forms.ChoiceField(choices=StagedFamily.Choice)
    joined = forms.CharField(required=False, max_length=9)

    def entry(self):
        return {"op_id": self.op_id, **{name: self.cleaned_data[name] for name in ("choice", "joined")}}
