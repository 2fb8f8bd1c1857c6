"""The lists about families, each declared once for its page and its file."""

from datetime import timedelta

from django.db.models import Exists, FilteredRelation, OuterRef, Q
from django.db.models.functions import Lower

from accounts.models import User
from pkh_casework.listing import Choice, Listing, Number, Text
from wilayah.models import Wilayah

from .benefits import Tables, counted_on, exits_within
from .models import (
    Assessment,
    Component,
    Goal,
    GraduationCase,
    Group,
    Household,
    Member,
    MemberComponent,
    PaymentCheck,
    PaymentTrouble,
)
from .models.search import found_in, found_widely
from .payments import unchecked_in

LONGEST_WAIT = 36500  # days; a longer one reaches back before the calendar
NARROW_AREA = 6  # a kecamatan code: some thousand families, which can be sorted in any order
State = GraduationCase.State


class HouseholdListing(Listing):
    """Families, for their file RT by RT; the page has orders of its own (kpm.caseload)."""

    CARED_FOR, EVERY = "didampingi", "semua"
    SWITCHED_OFF = "nonaktif"
    STATUSES = dict(Household.Status.choices) | {EVERY: "Semua status"}

    q = Text("Cari", method="search")
    rw = Number("RW", method="in_rw")
    kelompok = Number(
        "Kelompok", field_name="group", names=lambda listing: Group.objects.visible_to(listing.user)
    )
    status = Choice("Status", {CARED_FOR: "Didampingi"} | STATUSES, default=CARED_FOR, method="with_status")
    komponen = Text("Komponen", names=lambda listing: Component.objects.all(), method="with_component")
    lama = Number("Belum dikunjungi (hari)", method="not_visited_for")
    pendamping = Number(
        "Pendamping", names=lambda listing: User.objects.visible_to(listing.user), method="held_by"
    )
    akun = Choice("Akun pendamping", {SWITCHED_OFF: "Sudah nonaktif"}, method="with_account")
    order = ("wilayah_id", "rw", "rt", "name", "pk")
    found = None  # a models.search.Found once `qs` was made, when words were asked for
    columns = ()  # what the page shows of whom it finds

    def __init__(self, query, *, user, today):
        super().__init__(query, user=user, today=today)
        if user.is_pendamping:
            del self.filters["pendamping"], self.filters["akun"]

    def start(self):
        families = Household.objects.visible_to(self.user)
        return self.held_by(families, "", self.user.pk) if self.user.is_pendamping else families

    @property
    def is_one_caseload(self):
        return self.user.is_pendamping or "pendamping" in self.in_force

    @property
    def is_narrow(self):
        return self.is_one_caseload or len(self.user.wilayah_id) >= NARROW_AREA

    def held_by(self, families, name, holder):
        # A kelompok is its pendamping's. Saying so lets PostgreSQL read the few of one pendamping; joined by id
        # alone it reads every kelompok of the country.
        own_groups = FilteredRelation("group", condition=Q(group__pendamping=holder))
        return families.filter(pendamping=holder).annotate(own_group=own_groups)

    def in_rw(self, families, name, rw):
        return families.filter(rw=rw or None)

    def with_status(self, families, name, status):
        if status == self.CARED_FOR:
            return families.active()
        return families if status == self.EVERY else families.filter(status=status)

    def with_account(self, families, name, chosen):
        return families.filter(pendamping__in=User.objects.pendamping().filter(is_active=False))

    def with_component(self, families, name, code):
        held = MemberComponent.objects.on(self.today).filter(component=code)
        return families.filter(Exists(held.filter(household=OuterRef("pk"))))

    def not_visited_for(self, families, name, days):
        days = min(max(days, 1), LONGEST_WAIT)
        return families.not_visited_since(self.today - timedelta(days=days - 1))

    def search(self, families, name, words):
        if self.is_one_caseload:
            self.found = found_in(families, words, self.columns)
        else:
            people, groups = Member.objects.visible_to(self.user), Group.objects.visible_to(self.user)
            self.found = found_widely(families, people, groups, words, self.columns)
        return families.asked_place(words) if self.found is None else families.filter(pk__in=self.found.ids)

    def filter_queryset(self, queryset):
        # Whom the words mean is asked last, among those whom the other filters leave.
        return self.narrowed(*(name for name in self.filters if name != "q"), "q")


class QualityListing(Listing):
    """Families still accompanied, as the data quality page looks at them: of an area or of one pendamping."""

    pendamping = Number(
        "Pendamping",
        field_name="pendamping",
        names=lambda listing: User.objects.visible_to(listing.user),
    )
    wilayah = Text("Wilayah", method="in_area", names=lambda listing: Wilayah.objects.all())
    order = ("wilayah_id", "rw", "rt", "name", "pk")

    def __init__(self, query, *, user, today):
        super().__init__(query, user=user, today=today)
        if user.is_pendamping:
            del self.filters["pendamping"], self.filters["wilayah"]

    def start(self):
        return Household.objects.visible_to(self.user).active()

    def in_area(self, families, name, code):
        return families.filter(wilayah__code__startswith=code) if code.isdigit() else families


class AssessmentListing(Listing):
    order = ("-assessed_on", "-pk")

    def start(self):
        return Assessment.objects.visible_to(self.user)


class GoalListing(Listing):
    """Goals by the day they should be reached, closed ones newest first."""

    RUNNING, LATE, CLOSED = "berjalan", "terlambat", "selesai"
    STATES = {RUNNING: "Berjalan", LATE: "Terlambat", CLOSED: "Selesai"}

    keadaan = Choice("Keadaan", STATES, default=RUNNING, method="in_state")

    def start(self):
        return Goal.objects.visible_to(self.user)

    def in_state(self, goals, name, chosen):
        if chosen == self.CLOSED:
            return goals.exclude(state=Goal.State.OPEN)
        return goals.open().late(self.today) if chosen == self.LATE else goals.open()

    @property
    def order(self):
        closed = self.in_force["keadaan"] == self.CLOSED
        return ("-closed_on", "-id") if closed else ("target_on", "id")


class GraduationListing(Listing):
    """Proposals, the newest first; a koordinator begins with those that wait for a decision."""

    EVERY, WAITING = "semua", "menunggu"
    STATES = {
        EVERY: ("Semua", tuple(State)),
        WAITING: ("Menunggu keputusan", (State.PROPOSED, State.ASKED_BACK)),
        "disiapkan": ("Disiapkan", (State.DRAFT, State.RETURNED)),
        "disetujui": ("Disetujui", (State.APPROVED,)),
        "berakhir": ("Ditarik atau kembali", (State.WITHDRAWN, State.UNDONE, State.BACK)),
    }
    WORDS = {name: words for name, (words, _) in STATES.items()}

    keadaan = Choice(
        "Keadaan",
        WORDS,
        default=lambda user: GraduationListing.WAITING if user.is_koordinator else GraduationListing.EVERY,
        method="in_state",
    )
    order = ("-id",)

    def start(self):
        return GraduationCase.objects.visible_to(self.user)

    def in_state(self, cases, name, chosen):
        return cases.filter(state__in=self.STATES[chosen][1])


class GroupListing(Listing):
    order = ("folded_name", "pk")

    def start(self):
        return Group.objects.visible_to(self.user).annotate(folded_name=Lower("name"))


class ExitListing(Listing):
    """Components of people that end within a year and nothing follows, by day."""

    order = ("ends_on", "pk")

    def start(self):
        self.tables = Tables()
        own = counted_on(self.today, MemberComponent.objects.visible_to(self.user))
        exits = exits_within(own, self.tables, self.today)
        return exits.filter(household__status__in=Household.ACTIVE)


class PaymentListing(Listing):
    """Families still accompanied by how one tahap (`term`, a PayTerm) stands with them: rows are PaymentCheck, of those
    unchecked Household.
    """

    BY_GROUP, UNCHECKED, TROUBLE = "kelompok", "belum-dicek", PaymentCheck.State.TROUBLE.value
    STATES = {
        BY_GROUP: "Per kelompok",
        TROUBLE: "Bermasalah",
        PaymentCheck.State.NOT_YET.value: "Belum cair",
        PaymentCheck.State.PAID.value: "Cair",
        UNCHECKED: "Belum dicek",
    }

    keadaan = Choice("Keadaan", STATES, default=BY_GROUP, method="in_state")
    masalah = Text("Masalah", names=lambda listing: PaymentTrouble.objects.all(), method="with_trouble")

    def __init__(self, query, *, user, today, term):
        self.term = term
        super().__init__(query, user=user, today=today)

    @property
    def order(self):
        chosen = self.in_force["keadaan"]
        if chosen == self.UNCHECKED:
            return ("wilayah_id", "rw", "rt", "name", "pk")
        return ("look_again_on", "pk") if chosen == self.TROUBLE else ("-checked_on", "-pk")

    def start(self):
        checks = PaymentCheck.objects.visible_to(self.user).of_term(self.term).newest()
        return checks.filter(household__status__in=Household.ACTIVE)

    def in_state(self, checks, name, chosen):
        if chosen == self.UNCHECKED:
            return Household.objects.visible_to(self.user).active().filter(unchecked_in(self.term))
        return checks if chosen == self.BY_GROUP else checks.filter(state=chosen)

    def with_trouble(self, checks, name, key):
        return checks.filter(trouble=key) if checks.model is PaymentCheck else checks
