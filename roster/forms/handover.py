"""Offering families to another pendamping, and answering."""

from datetime import timedelta

from django import forms
from django.db.models import Count, Q

from accounts.models import User
from kpm.models import Household
from pkh_casework.forms import DayField, OneTap, text_field
from roster.models import Handover, HandoverFamily

LONGEST_LEAVE = timedelta(days=366)  # a later day is a slip of the finger
ALL, CHOSEN = "semua", "pilihan"


class ReceiverChoice(forms.ModelChoiceField):
    """A pendamping with how many families they hold, so that nobody gets more than can be visited."""

    def label_from_instance(self, officer):
        return f"{officer.name} · {officer.wilayah.name} · {officer.held} KPM"


class OfferForm(OneTap, forms.Form):
    """What of `holder` goes to whom and why. `families` (Households) are all that may be ticked."""

    which = forms.ChoiceField(
        label="Yang diserahkan",
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih salah satu.", "invalid_choice": "Pilih salah satu."},
    )
    families = forms.ModelMultipleChoiceField(Household.objects.none(), label="KPM", required=False)
    receiver = ReceiverChoice(User.objects.none(), label="Kepada pendamping", empty_label="Pilih penerima")
    kind = forms.ChoiceField(
        label="Alasan",
        choices=Handover.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih alasannya."},
    )
    back_on = DayField(
        label="Kembali bertugas",
        required=False,
        help_text="Untuk cuti. Pada hari itu pengembalian KPM muncul sendiri di halaman ini.",
    )
    reason = text_field("Keterangan", 200, required=False, help_text="Dibaca penerima. Wajib untuk Lainnya.")
    for_them = forms.BooleanField(label="Terima atas nama penerima", required=False)

    def __init__(self, data=None, *, holder, families, ticked=(), returns=None, **kwargs):
        self.holder, self.returns = holder, returns
        self.ticked = {one.pk for one in ticked}
        initial = {"which": CHOSEN if ticked else ALL}
        if returns:
            initial |= {"kind": Handover.Kind.BACK, "receiver": returns.holder_id}
        super().__init__(data, initial=initial, **kwargs)
        self.fields["families"].queryset = families
        self.rows = list(
            families.select_related("group", "wilayah").order_by("group__name", "rw", "rt", "name")
        )
        self.fields["which"].choices = [
            (ALL, f"Semua yang dipegang ({len(self.rows)} KPM), dengan kelompoknya"),
            (CHOSEN, "Hanya yang dicentang di bawah"),
        ]
        receivers = User.objects.visible_to(self.user).pendamping().filter(is_active=True)
        near = Q()
        for area in sorted({one.wilayah_id[:6] for one in self.rows}):
            near |= Q(wilayah__code__startswith=area)
        receivers = receivers.filter(near).exclude(pk=holder.pk).select_related("wilayah")
        self.fields["receiver"].queryset = receivers.annotate(
            held=Count("households", filter=Q(households__status__in=Household.ACTIVE))
        ).order_by("name", "pk")
        self.fields["back_on"].widget.attrs["min"] = self.today.isoformat()

    @property
    def by_group(self):
        """[(name of the kelompok or "", [(Household, is ticked), …]), …]."""
        sent = set(self.data.getlist("families")) if self.is_bound else {str(pk) for pk in self.ticked}
        groups = {}
        for row in self.rows:
            name = row.group.name if row.group else ""
            groups.setdefault(name, []).append((row, str(row.pk) in sent))
        return list(groups.items())

    def clean(self):
        data = super().clean()
        if data.get("which") == CHOSEN and not data.get("families") and "families" not in self.errors:
            self.add_error("families", "Centang paling sedikit satu KPM.")
        kind, back_on = data.get("kind"), data.get("back_on")
        if kind == Handover.Kind.LEAVE and "back_on" not in self.errors:
            if back_on is None:
                self.add_error("back_on", "Isi tanggal kembali dari cuti.")
            elif not self.today < back_on <= self.today + LONGEST_LEAVE:
                self.add_error("back_on", "Isi tanggal sesudah hari ini, paling lama setahun lagi.")
        if kind == Handover.Kind.OTHER and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Tulis alasannya, singkat saja.")
        return data

    def entry(self):
        """The arguments of operations.offer."""
        data = self.cleaned_data
        chosen = [one.pk for one in data["families"]] if data["which"] == CHOSEN else None
        return {
            "op_id": self.op_id,
            "today": self.today,
            "holder": self.holder,
            "receiver": data["receiver"],
            "kind": data["kind"],
            "families": chosen,
            "reason": data["reason"],
            "back_on": data["back_on"] if data["kind"] == Handover.Kind.LEAVE else None,
            "returns": self.returns,
            "for_them": data["for_them"],
        }


class AnswerForm(OneTap, forms.Form):
    """What `user` answers to ticked families of `handover`, or (`terima-semua`, `tarik-semua`) to all that wait."""

    decision = forms.ChoiceField(
        error_messages={"required": "Pilih satu jawaban.", "invalid_choice": "Pilih satu jawaban."}
    )
    rows = forms.ModelMultipleChoiceField(HandoverFamily.objects.none(), label="KPM", required=False)
    reason = text_field("Alasan menolak", 200, required=False, help_text="Wajib bila menolak.")

    def __init__(self, data=None, *, handover, waiting, **kwargs):
        super().__init__(data, **kwargs)
        allowed = handover.answers_of(self.user)
        every = [f"{decision}-semua" for decision in allowed if decision != "tolak"]
        self.fields["decision"].choices = [(name, name) for name in (*allowed, *every)]
        # What was answered meanwhile is no fault of who ticked it: the operation tells.
        self.fields["rows"].queryset = waiting
        if "tolak" not in allowed:
            del self.fields["reason"]

    def clean(self):
        data = super().clean()
        decision = data.get("decision", "")
        if (
            decision
            and not decision.endswith("-semua")
            and not data.get("rows")
            and "rows" not in self.errors
        ):
            self.add_error("rows", "Centang paling sedikit satu KPM.")
        if decision == "tolak" and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Tulis alasannya, supaya koordinator tahu.")
        return data

    def entry(self):
        """The arguments of operations.answer, but for the handover."""
        data = self.cleaned_data
        decision, _, every = data["decision"].partition("-")
        return {
            "op_id": self.op_id,
            "today": self.today,
            "decision": decision,
            "rows": None if every else [row.pk for row in data["rows"]],
            "reason": data.get("reason", ""),
        }
