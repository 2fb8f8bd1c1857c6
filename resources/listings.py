"""The lists about partners and about families sent to them, each declared once for its page and its file."""

from django.db.models.functions import Lower

from pkh_casework.listing import Choice, Listing, Text

from .models import Category, Partner, Referral

State = Referral.State


class ReferralListing(Listing):
    """Referrals by what they wait for: the overdue ones longest first, all others newest first."""

    OPEN, OVERDUE = "terbuka", "terlambat"
    STATES = {
        OPEN: ("Berjalan", Referral.OPEN),
        OVERDUE: ("Lewat tanggal", Referral.OPEN),
        "direncanakan": ("Direncanakan", (State.PLANNED,)),
        "diajukan": ("Menunggu jawaban", (State.SENT,)),
        "diterima": ("Diterima", (State.ACCEPTED, State.RUNNING)),
        "selesai": ("Selesai", (State.DONE,)),
        "berhenti": ("Tidak jadi", (State.REFUSED, State.FAILED, State.CANCELLED)),
    }
    WORDS = {name: words for name, (words, _) in STATES.items()}

    keadaan = Choice("Keadaan", WORDS, default=OPEN, method="in_state")

    def start(self):
        return Referral.objects.visible_to(self.user)

    def in_state(self, referrals, name, chosen):
        referrals = referrals.filter(state__in=self.STATES[chosen][1])
        return referrals.filter(due_on__lt=self.today) if chosen == self.OVERDUE else referrals

    @property
    def order(self):
        return ("due_on", "id") if self.in_force["keadaan"] == self.OVERDUE else ("-id",)


class PartnerListing(Listing):
    q = Text("Cari", field_name="name", lookup_expr="icontains")
    kategori = Text("Kategori", field_name="category", names=lambda listing: Category.objects.all())
    order = ("folded_name", "pk")

    def start(self):
        return Partner.objects.visible_to(self.user).annotate(folded_name=Lower("name"))
