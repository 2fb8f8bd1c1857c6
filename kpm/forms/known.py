"""What is typed so far of a new family or person, asked whether it is there already: nothing is stored, nothing refused."""

from django import forms

from entries.forms import CASE, OLDEST_BIRTH, DateField, IdentityField
from kpm.duplicates import same_number, same_person, similar_name
from kpm.identity import faults_of_no_kk, known_provinces
from kpm.models import Household
from pkh_casework.fields import digits_of
from pkh_casework.forms import CaseField, Typed, text_field
from pkh_casework.places import read_place
from wilayah.models import Wilayah


class KnownForm(Typed, forms.Form):
    """Fields of RegisterForm and NewMemberForm as far as they are filled in; `keluarga` is the case number of the family
    that a new person joins.
    """

    name = text_field("Nama", 120, required=False)
    nik = IdentityField(required=False)
    no_kk = IdentityField(required=False)
    birth_date = DateField(required=False, oldest=OLDEST_BIRTH)
    wilayah = forms.ModelChoiceField(Wilayah.objects.none(), required=False)
    rt = text_field("RT", 20, required=False)
    rw = text_field("RW", 20, required=False)
    keluarga = text_field("Keluarga", 20, required=False, kind=CaseField)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["wilayah"].queryset = Wilayah.objects.kelurahan().under(user.wilayah_id)

    def numbers(self):
        """(kind, 16 digits) of each number that is whole."""
        self.full_clean()
        for kind in ("no_kk", "nik"):
            text = self.cleaned_data.get(kind)
            if text and not faults_of_no_kk(text, provinces=known_provinces()):
                yield kind, digits_of(text)

    def doubts(self, *, with_numbers):
        """The Doubts about what is typed, each family once; with those about numbers where `with_numbers`."""
        self.full_clean()
        said = self.cleaned_data
        case = said.get("keluarga", "")
        own = Household.objects.visible_to(self.user).filter(case_number=case if CASE.fullmatch(case) else "")
        own = list(own)
        found = []
        for kind, digits in self.numbers() if with_numbers else ():
            found += same_number(self.user, digits, kind, but=[one.pk for one in own])
        name, area = said.get("name", ""), said.get("wilayah")
        area = own[0].wilayah_id if own else area.pk if area else self.user.wilayah_id
        found += same_person(self.user, name, said.get("birth_date"), area=area, but=[one.pk for one in own])
        if name and said.get("wilayah"):
            found += similar_name(self.user, name, wilayah_id=area, **self._place(said))
        return list({doubt.household or doubt.text: doubt for doubt in reversed(found)}.values())[::-1]

    def _place(self, said):
        rt, rw = said.get("rt", ""), said.get("rw", "")
        if rt.isascii() and rt.isdigit() and rw.isascii() and rw.isdigit():
            return {"rt": int(rt) or None, "rw": int(rw) or None}
        rt, rw = read_place(rt) or read_place(rw) or (None, None)
        return {"rt": rt, "rw": rw}
