"""Registering a family and changing it."""

from django import forms

from accounts.models import User
from entries.forms import NOT_FOUND, OLDEST_BIRTH, DateField, EntryForm, IdentityField, whole_number
from kpm.duplicates import Doubt, same_number, same_person, similar_name
from kpm.identity import doubts_of_nik, doubts_of_no_kk, faults_of_nik, faults_of_no_kk, known_provinces
from kpm.models import Group, Household, Member
from pkh_casework.fields import digits_of
from pkh_casework.forms import NumberTextField, text_field
from pkh_casework.phones import phone_of, phone_words
from pkh_casework.places import MOST, is_no_number, read_dusun, read_place
from wilayah.models import Wilayah

KECAMATAN = 6
NEW_STATUSES = [Household.Status.AKTIF, Household.Status.CALON_GRADUASI]


def kelurahan_for(user, area):
    """The kelurahan that `user` may put a family in: those of the own area, for a koordinator those of the kecamatan
    around `area`.
    """
    reach = user.wilayah_id if user.is_pendamping else max(user.wilayah_id, area[:KECAMATAN], key=len)
    return Wilayah.objects.kelurahan().under(user.wilayah_id).under(reach)


def pendamping_for(user, area):
    """The active pendamping a koordinator may give a family of `area` to: those who work in its kecamatan."""
    kecamatan = area[:KECAMATAN]
    around = [kecamatan[:length] for length in (2, 4)]
    colleagues = User.objects.visible_to(user).pendamping().filter(is_active=True)
    return colleagues.filter(wilayah__code__startswith=kecamatan) | colleagues.filter(wilayah_id__in=around)


def place_number(label):
    """A field for an RT or RW as people write them (FamilyFields reads it)."""
    field = text_field(label, 20, required=False, help_text="Tulis - bila tidak ada.")
    field.widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
    return field


class KelompokChoice(forms.ModelChoiceField):
    """A kelompok; a koordinator also sees whose it is."""

    def __init__(self, *args, **kwargs):
        self.with_holder = False
        super().__init__(*args, **kwargs)

    def label_from_instance(self, group):
        return f"{group.name} ({group.pendamping.name})" if self.with_holder else group.name


class FamilyFields(EntryForm):
    """The fields of a family that registering and changing share. `area` is a wilayah code for a koordinator."""

    no_kk = IdentityField(
        label="Nomor Kartu Keluarga (No KK)", help_text="16 angka, di bagian atas Kartu Keluarga."
    )
    address = text_field("Alamat", 200, help_text="Nama jalan atau gang dan nomor rumah.")
    dusun = text_field("Dusun atau kampung", 60, required=False, help_text="Bila ada.")
    rt = place_number("RT")
    rw = place_number("RW")
    phone = text_field(
        "Nomor HP keluarga",
        40,
        kind=NumberTextField,
        required=False,
        help_text="Dilihat pendamping dan koordinatornya saja.",
    )
    phone.widget.attrs |= {"inputmode": "tel", "autocomplete": "off"}
    wilayah = forms.ModelChoiceField(Wilayah.objects.none(), label="Kelurahan", empty_label="Pilih kelurahan")
    group = KelompokChoice(
        Group.objects.none(), label="Kelompok", required=False, empty_label="Belum ada kelompok"
    )
    joined_on = DateField(label="Menjadi KPM sejak", help_text="Bila hanya tahu tahunnya, pilih 1 Januari.")
    status = forms.ChoiceField(label="Status", choices=Household.Status.choices)
    path = forms.ChoiceField(label="Jalur", choices=Household.Path.choices)
    desil = whole_number("Desil", 1, 10, required=False, help_text="Dari DTSEN, 1 sampai 10.")
    notes = text_field("Catatan", 1000, rows=3, required=False)

    def __init__(self, *args, area, **kwargs):
        super().__init__(*args, **kwargs)
        self.area = area
        self.pasted = {}
        # One query each, read by the choices, the check and the label.
        self.fields["wilayah"].queryset = kelurahan_for(self.user, area)
        groups = Group.objects.visible_to(self.user)
        if not self.user.is_pendamping:
            self.fields["group"].with_holder = True
            groups = groups.filter(wilayah__code__startswith=area[:KECAMATAN]).select_related("pendamping")
        self.fields["group"].queryset = groups

    def clean_no_kk(self):
        return self._number("no_kk", faults_of_no_kk)

    def clean_dusun(self):
        return read_dusun(self.cleaned_data["dusun"])

    def clean_phone(self):
        return phone_of(self.cleaned_data["phone"])

    def clean_rt(self):
        return self._place_number("rt")

    def clean_rw(self):
        return self._place_number("rw")

    def _place_number(self, name):
        """One number, None where the card has none; both of a whole place ("3/5") pasted here wait for `clean`."""
        text, words = self.cleaned_data[name], "Isi angka 1 sampai 999, atau - bila tidak ada."
        if is_no_number(text):
            return None
        if text.isascii() and text.isdigit():
            if not 1 <= int(text) <= MOST:
                raise forms.ValidationError(words)
            return int(text)
        place = read_place(text)
        if place is None or place == (None, None):
            raise forms.ValidationError(words)
        self.pasted[name] = place
        return place[0 if name == "rt" else 1]

    def clean(self):
        """What was pasted whole into one of the two fields fills both; two that differ are asked about."""
        data = super().clean()
        for typed_in, place in self.pasted.items():
            for name, number in zip(("rt", "rw"), place, strict=True):
                if number is None or name in self.errors:
                    continue
                if name != typed_in and data.get(name) not in {None, number}:
                    self.add_error(name, f"Di kolom sebelah tertulis {number}. Tulis satu yang benar.")
                data[name] = number
        return data

    def doubt_of_place(self, data):
        """Most families have an RT: two empty fields may be forgotten ones, a dash was meant."""
        typed = "".join(self.data.get(name, "") for name in ("rt", "rw")).strip()
        if not typed and data["rt"] is None and data["rw"] is None:
            self.doubts.append(
                Doubt("rt", "RT dan RW kosong. Bila di Kartu Keluarga memang tidak ada, simpan saja.")
            )

    def _number(self, name, faults_of):
        text = self.cleaned_data[name]
        if not text:
            return ""
        if faults := faults_of(text, provinces=known_provinces()):
            raise forms.ValidationError(faults)
        return digits_of(text)

    def doubts_of_no_kk(self, data, *, but=()):
        """Doubts about the No KK typed, if any."""
        if data["no_kk"]:
            odd = doubts_of_no_kk(data["no_kk"], area=data["wilayah"].pk)
            self.doubts += [Doubt("no_kk", text) for text in odd]
            self.doubts += same_number(self.user, data["no_kk"], "no_kk", but=but)

    @property
    def home_fields(self):
        return self.noted("no_kk", "address", "dusun", "rt", "rw", "wilayah", "phone")

    @property
    def programme_fields(self):
        return self.noted("joined_on", "group", "status", "path", "desil", "notes")


class RegisterForm(FamilyFields):
    """A new family: its pengurus first, then the home."""

    field_order = ["name", "nik", "birth_date", "sex", "relation"]

    name = text_field("Nama pengurus", 120, help_text="Seperti di KTP. Biasanya ibu yang memegang KKS.")
    nik = IdentityField(label="NIK pengurus", required=False, help_text="16 angka di KTP. Bisa diisi nanti.")
    birth_date = DateField(label="Tanggal lahir", required=False, oldest=OLDEST_BIRTH)
    sex = forms.ChoiceField(
        label="Jenis kelamin", choices=Member.Sex.choices, initial="P", widget=forms.RadioSelect
    )
    relation = forms.ChoiceField(
        label="Hubungan keluarga", choices=Member.Relation.choices, initial=Member.Relation.SPOUSE
    )
    pendamping = forms.ModelChoiceField(
        User.objects.none(), label="Pendamping", empty_label="Pilih pendamping"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = [(status, status.label) for status in NEW_STATUSES]
        kelurahan = self.fields["wilayah"]
        if self.user.wilayah.level == Wilayah.Level.KELURAHAN:
            kelurahan.initial = self.user.wilayah_id
        if self.user.is_pendamping:
            del self.fields["pendamping"]
        else:
            self.fields["pendamping"].queryset = pendamping_for(self.user, self.area)

    def clean_nik(self):
        return self._number("nik", faults_of_nik)

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        group, pendamping = data["group"], data.get("pendamping", self.user)
        if group and group.pendamping_id != pendamping.pk:
            self.add_error("group", NOT_FOUND)
            return data
        area = data["wilayah"].pk
        self.doubts_of_no_kk(data)
        self.doubt_of_place(data)
        if data["nik"]:
            facts = {"sex": data["sex"], "birth_date": data["birth_date"], "area": area}
            self.doubts += same_number(self.user, data["nik"], "nik")
            self.doubts += [Doubt("nik", text) for text in doubts_of_nik(data["nik"], **facts)]
        named = same_person(self.user, data["name"], data["birth_date"], area=area)
        named += similar_name(self.user, data["name"], wilayah_id=area, rt=data["rt"], rw=data["rw"])
        known = {doubt.household for doubt in self.doubts if doubt.household}
        for doubt in named:
            if doubt.household not in known:
                self.doubts.append(doubt)
                known |= {doubt.household} if doubt.household else set()
        return data

    def entry(self):
        """The arguments of operations.register_household."""
        data = self.cleaned_data
        pengurus = {name: data[name] for name in ("name", "birth_date", "sex", "relation")}
        if data["nik"]:
            pengurus["nik"] = data["nik"]
        return {
            "op_id": self.op_id,
            "today": self.today,
            "pendamping": data.get("pendamping", self.user),
            "pengurus": pengurus,
            **{name: data[name] for name in Household.OWN_FIELDS},
        }


class HouseholdForm(FamilyFields):
    """Changing a family. The No KK is never shown; a new number typed replaces it."""

    def __init__(self, data=None, *, row, **kwargs):
        fields = [name for name in Household.OWN_FIELDS if name != "no_kk"]
        initial = {name: getattr(row, row._meta.get_field(name).attname) for name in fields}
        initial["phone"] = phone_words(row.phone)
        super().__init__(data, row=row, area=row.wilayah_id, initial=initial, **kwargs)
        self.fields["no_kk"].required = False
        # Graduation and being inactive have ways of their own (kpm.operations.graduation, .change).
        offered = {row.status} if row.status == Household.Status.NONAKTIF else {row.status, *NEW_STATUSES}
        self.fields["status"].choices = [
            choice for choice in Household.Status.choices if choice[0] in offered
        ]
        self.fields["no_kk"].help_text = f"Tersimpan: {row.no_kk}. Isi hanya bila nomornya berganti."
        kelurahan = self.fields["wilayah"]
        kelurahan.queryset = kelurahan.queryset | Wilayah.objects.filter(pk=row.wilayah_id)

    def clean(self):
        data = super().clean()
        group = data.get("group")
        if group and group.pendamping_id != self.row.pendamping_id:
            self.add_error("group", NOT_FOUND)
        if not self.errors:
            self.doubts_of_no_kk(data, but=[self.row.pk])
            if self.row.rt is not None or self.row.rw is not None:
                self.doubt_of_place(data)
        return data

    @property
    def not_offered(self) -> frozenset[str]:
        """A handover alone changes nothing that a pendamping sees here."""
        return frozenset({"pendamping"}) if self.user.is_pendamping else frozenset()

    def stored_value(self, name):
        """The No KK counts as it is: an empty field leaves it."""
        return ... if name == "no_kk" else super().stored_value(name)

    def entry(self):
        """The arguments of operations.change_household."""
        data = self.cleaned_data
        changes = {name: data[name] for name in Household.OWN_FIELDS if name != "no_kk" or data["no_kk"]}
        return {
            "op_id": self.op_id,
            "today": self.today,
            "version": self.seen_version,
            "not_offered": self.not_offered,
            **changes,
        }
