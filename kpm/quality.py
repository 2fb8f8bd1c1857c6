"""What is missing or odd in the data of families: each rule counts them, lists them, and says where it is mended.

A rule is declared once; its number and its rows come from the same condition.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet
from django.urls import reverse

from pkh_casework.dated import kept_a_minute
from pkh_casework.days import years_after

from .models import ComponentAge, Household, Member, Pengurus


@dataclass(frozen=True)
class Rule:
    """One thing to mend: `title` names the families, `why` says what it is good for.

    It is about a family (`of_family`, a condition on Household) or about people (`of_people`: the Members concerned, on
    a day). `field` is where the form of the family or of the person mends it.
    """

    slug: str
    title: str
    why: str
    field: str
    mend: str
    of_family: Q | Exists | None = None
    of_people: Callable[[date], QuerySet] | None = None

    def condition(self, day):
        """A condition on Household: the families that the rule names on `day`."""
        if self.of_people:
            return Q(Exists(self.of_people(day).filter(household=OuterRef("pk"))))
        return Q(self.of_family)


def _people():
    return Member.objects.present()


def _pengurus_now(**conditions):
    terms = Pengurus.objects.filter(member=OuterRef("pk"), to_on=None, **conditions)
    return _people().filter(Exists(terms))


def _of_odd_age(day):
    """People whose age does not fit a component that they count for, once for each, with its name as `component`."""
    odd = Q(pk__in=[])
    for limit in age_limits(day):
        outside = Q()
        if limit.least_age:
            outside |= Q(birth_date__gt=years_after(day, -limit.least_age))
        if limit.most_age is not None:
            outside |= Q(birth_date__lte=years_after(day, -limit.most_age - 1))
        odd |= Q(held__component=limit.component_id) & outside
    on_day = Q(components__to_on=None) | Q(components__to_on__gt=day)
    held = FilteredRelation("components", condition=on_day & Q(components__from_on__lte=day))
    people = _people().alias(held=held).filter(odd)
    return people.annotate(component=F("held__component__short_name"))


@kept_a_minute
def age_limits(day):
    """The ComponentAge rows in force on `day`."""
    return list(ComponentAge.objects.valid_on(day))


def _same_number(model, field, **conditions):
    """Others with the same number as the outer row."""
    same = model.objects.filter(**{field: OuterRef(field)}, **conditions)
    return Exists(same.exclude(pk=OuterRef("pk")))


RULES = (
    Rule(
        "pemegang-nonaktif",
        "Pendampingnya tidak aktif lagi",
        "Akun pendampingnya sudah dinonaktifkan: keluarga ini tidak ada di daftar siapa pun.",
        "",
        "Serahkan",
        of_family=Q(pendamping__is_active=False),
    ),
    Rule(
        "no-kk-kembar",
        "No KK sama dengan keluarga lain",
        "Dua keluarga dengan satu No KK mungkin tercatat dua kali, atau salah satu nomornya keliru.",
        "no_kk",
        "Bandingkan",
        of_family=_same_number(Household, "no_kk_index"),
    ),
    Rule(
        "nik-kembar",
        "NIK sama dengan orang lain",
        "Satu NIK pada dua orang: mungkin tercatat dua kali, atau salah satunya keliru.",
        "nik",
        "Periksa NIK",
        of_people=lambda day: _people().filter(
            _same_number(Member, "nik_index", left_on=None), nik_index__isnull=False
        ),
    ),
    Rule(
        "pengurus-tanpa-nik",
        "Pengurus tanpa NIK",
        "Tanpa NIK, pengurus tidak bisa dicocokkan dengan daftar bayar.",
        "nik",
        "Isi NIK",
        of_people=lambda day: _pengurus_now().filter(nik_index=None),
    ),
    Rule(
        "anggota-tanpa-nik",
        "Ada anggota tanpa NIK",
        "Verifikasi komitmen dan daftar sekolah dicocokkan dengan NIK.",
        "nik",
        "Isi NIK",
        of_people=lambda day: _people().filter(nik_index=None),
    ),
    Rule(
        "anggota-tanpa-tanggal-lahir",
        "Ada anggota tanpa tanggal lahir",
        "Umur menentukan komponen dan kapan bantuan berakhir.",
        "birth_date",
        "Isi tanggal lahir",
        of_people=lambda day: _people().filter(birth_date=None),
    ),
    Rule(
        "umur-tidak-cocok",
        "Umur tidak cocok dengan komponen",
        "Tanggal lahirnya keliru, atau komponennya sudah berganti.",
        "birth_date",
        "Periksa",
        of_people=_of_odd_age,
    ),
    Rule(
        "tanpa-ahli-waris",
        "Pengurus tanpa ahli waris",
        "Bila pengurus meninggal, bantuan tertahan sampai penggantinya ditetapkan.",
        "heir",
        "Pilih ahli waris",
        of_people=lambda day: _pengurus_now(heir=None).filter(
            Exists(
                Member.objects.present().filter(household=OuterRef("household")).exclude(pk=OuterRef("pk"))
            )
        ),
    ),
    Rule(
        "belum-dikunjungi",
        "Belum pernah dikunjungi",
        "Keluarga yang belum pernah didatangi mudah terlewat.",
        "",
        "Catat kunjungan",
        of_family=Q(last_visited_on=None),
    ),
    Rule(
        "tanpa-kelompok",
        "Belum masuk kelompok",
        "Tanpa kelompok, keluarga tidak ada di daftar hadir P2K2.",
        "group",
        "Pilih kelompok",
        of_family=Q(group=None),
    ),
    Rule(
        "tanpa-hp",
        "Tanpa nomor HP",
        "Dengan nomor HP, jadwal dan kabar bisa disampaikan hari itu juga.",
        "phone",
        "Isi nomor HP",
        of_family=Q(phone=""),
    ),
    Rule(
        "tanpa-titik",
        "Tanpa titik rumah",
        "Dengan titik, rumahnya bisa dicari dengan peta dan sumber daya yang dekat lebih tepat.",
        "point",
        "Isi titik",
        of_family=Q(latitude=None),
    ),
    Rule(
        "tanpa-tempat",
        "Tanpa RT, RW, atau dusun",
        "Urutan jalan di Hari ini memakai RT dan RW, atau nama dusun.",
        "rt",
        "Isi RT/RW",
        of_family=Q(rt=None, rw=None, dusun=""),
    ),
)
BY_SLUG = {rule.slug: rule for rule in RULES}


def counts(families, day):
    """{slug: how many of `families` (a queryset of Household) each rule names on `day`}.

    One statement for all rules about families and one for each about people, which PostgreSQL then joins at once
    instead of asking family by family.
    """
    of_families = [rule for rule in RULES if not rule.of_people]
    found = families.order_by().aggregate(
        **{rule.slug: Count("pk", filter=rule.condition(day)) for rule in of_families}
    )
    people = {rule.slug: families.filter(rule.condition(day)).count() for rule in RULES if rule.of_people}
    return found | people


def add_faults(rule, families, day, user):
    """Give each of `families` (a list) its `faults`: [(words, url of the mend)]; one query for a rule about people."""
    for family in families:
        family.faults = [] if rule.of_people else [("", _mend_of(rule, family, user))]
    if rule.of_people:
        homes = {family.pk: family for family in families}
        for person in rule.of_people(day).filter(household__in=homes).order_by("birth_date", "pk"):
            family = homes[person.household_id]
            where = reverse("kpm:member_edit", args=[family.case_number, person.pk])
            family.faults.append((_words(person, day), f"{where}#id_{rule.field}"))


def _words(person, day):
    age, component = person.age_on(day), getattr(person, "component", "")
    said = [f"{person.name} ({person.get_relation_display().lower()})"]
    said += [f"{age} tahun"] if age is not None else []
    return ", ".join([*said, *filter(None, [component])])


def _mend_of(rule, family, user):
    if rule.slug == "belum-dikunjungi":
        log = f"{reverse('roles:activity_create')}?kpm={family.case_number}"
        return log if user.is_pendamping else family.get_absolute_url()
    if rule.slug == "no-kk-kembar":
        return reverse("roster:suspect_list")
    if rule.slug == "pemegang-nonaktif":
        hand_over = f"{reverse('roster:handover_create')}?kpm={family.case_number}"
        return family.get_absolute_url() if user.is_pendamping else hand_over
    if rule.slug == "tanpa-titik":
        return reverse("kpm:household_point", args=[family.case_number])
    return f"{reverse('kpm:household_edit', args=[family.case_number])}#id_{rule.field}"
