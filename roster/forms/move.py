"""A family that moves to another address: where to, since when, why, and who holds it there."""

from django.db.models import Count, Q

from accounts.models import User
from kpm.forms.change import ReasonFields
from kpm.forms.household import KECAMATAN, FamilyFields
from kpm.models import CaseReason, Household
from wilayah.models import Wilayah

from .handover import ReceiverChoice

HOME = ("wilayah", "address", "dusun", "rt", "rw")


class FamilyMoveForm(ReasonFields, FamilyFields):
    """The new address, in one of the kelurahan around `area` (a code); beyond the holder's kecamatan also a receiver."""

    use = CaseReason.Use.HOME_MOVES

    receiver = ReceiverChoice(
        User.objects.none(),
        label="Pendamping di tempat baru",
        required=False,
        empty_label="Biar koordinator di sana yang memilih",
        help_text="Ia menerima keluarga ini lewat serah terima. Sampai diterima, pendampingnya tetap yang sekarang.",
    )

    def __init__(self, data=None, *, household, area, **kwargs):
        self.household = household
        kecamatan = area[:KECAMATAN]
        initial = {"wilayah": area} if area != household.wilayah_id else {}
        super().__init__(data, initial=initial, area=area, **kwargs)
        for name in set(FamilyFields.base_fields) - {*HOME}:
            del self.fields[name]
        self.fields["wilayah"].queryset = Wilayah.objects.kelurahan().under(kecamatan).order_by("name")
        self.leaves = not kecamatan.startswith((household.pendamping.wilayah_id or "-")[:KECAMATAN])
        if not self.leaves:
            del self.fields["receiver"]
            return
        receivers = User.objects.pendamping().filter(is_active=True, wilayah__code__startswith=kecamatan)
        receivers = receivers.exclude(pk=household.pendamping_id).select_related("wilayah")
        self.fields["receiver"].queryset = receivers.annotate(
            held=Count("households", filter=Q(households__status__in=Household.ACTIVE))
        ).order_by("name", "pk")

    def clean(self):
        data = super().clean()
        if not self.errors:
            same = all(data[name] == getattr(self.household, name) for name in HOME)
            if same:
                self.add_error("address", "Ini alamat yang sudah tercatat.")
            elif self.household.rt is not None or self.household.rw is not None:
                self.doubt_of_place(data)
        return data

    @property
    def home_fields(self):
        return self.noted(*HOME)

    def entry(self):
        """The arguments of operations.move_family."""
        data = self.cleaned_data
        return {
            **super().entry(),
            "today": self.today,
            "home": {name: data[name] for name in HOME},
            "receiver": data.get("receiver"),
        }
