"""A kelompok: its name, place, ketua and new families; for a koordinator also whose it is."""

from django import forms

from accounts.models import User
from entries.forms import EntryForm
from kpm.models import Household
from pkh_casework.forms import text_field
from wilayah.models import Wilayah

from .household import kelurahan_for, pendamping_for


class FamilyField(forms.ModelChoiceField):
    def label_from_instance(self, household):
        return f"{household.name} · {household.case_number}"


class FamiliesChoice(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, household):
        return f"{household.name} · {household.place}"


class GroupForm(EntryForm):
    """A new kelompok (`group` None) or a change of one. `area` is a wilayah code for a koordinator."""

    name = text_field("Nama kelompok", 60, help_text="Misalnya Melati 1.")
    wilayah = forms.ModelChoiceField(Wilayah.objects.none(), label="Kelurahan", empty_label="Pilih kelurahan")
    pendamping = forms.ModelChoiceField(
        User.objects.none(), label="Pendamping", empty_label="Pilih pendamping"
    )
    chair = FamilyField(
        Household.objects.none(), label="Ketua", required=False, empty_label="Belum ada ketua"
    )
    families = FamiliesChoice(
        Household.objects.none(),
        label="Masukkan KPM",
        required=False,
        help_text="KPM yang belum punya kelompok di kelurahan ini.",
    )

    def __init__(self, data=None, *, group=None, area, **kwargs):
        initial = {"name": group.name, "wilayah": group.wilayah_id} if group else {}
        super().__init__(data, initial=initial, **kwargs)
        self.group = group
        self.fields["wilayah"].queryset = kelurahan_for(self.user, area)
        if self.user.is_pendamping or group:
            del self.fields["pendamping"]
            if not group and self.user.wilayah.level == Wilayah.Level.KELURAHAN:
                self.fields["wilayah"].initial = self.user.wilayah_id
        else:
            self.fields["pendamping"].queryset = pendamping_for(self.user, area)
        if group:
            self._fill_from(group)
        else:
            for name in ("chair", "families"):
                del self.fields[name]

    def _fill_from(self, group):
        members = Household.objects.visible_to(self.user).filter(group=group).order_by("name", "pk")
        free = (
            Household.objects.visible_to(self.user)
            .active()
            .filter(group=None, pendamping=group.pendamping_id)
        )
        self.fields["chair"].queryset = members
        self.fields["families"].queryset = free.filter(wilayah=group.wilayah_id).order_by(
            "rw", "rt", "name", "pk"
        )
        self.initial["chair"] = members.filter(
            pk__in=group.chairs.filter(to_on=None).values("household")
        ).first()

    def entry(self):
        """The arguments of operations.save_group."""
        data = self.cleaned_data
        return {
            "op_id": self.op_id,
            "today": self.today,
            "name": data["name"],
            "wilayah": data["wilayah"],
            "pendamping": data.get("pendamping") or (self.group.pendamping if self.group else self.user),
            "chair": data.get("chair"),
            "families": list(data.get("families", [])),
        }
