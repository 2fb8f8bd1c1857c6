"""Ready sentences: which come first, what they suggest, and of whom they can't be true."""

import re
from datetime import date

import pytest

from kpm.models import MemberComponent
from roles.models import Activity, QuickPhrase, SubRole
from tests.factories import ActivityFactory, MemberFactory

LOG = "/kegiatan/catat/"


@pytest.fixture
def signed_in(client, pendamping):
    client.force_login(pendamping)
    return client


def phrases_shown(page):
    """[(text, the role it suggests, "ya", "tidak" or "" for whom it can be true), …] in the order of the page."""
    options = re.findall(
        r'<label class="option"(.*?)>\s*<input type="checkbox" name="phrase"(.*?)</label>', page, re.DOTALL
    )
    return [
        (
            re.search(r'option__text">([^<]+)<', inside)[1],
            *(found[1] for found in [re.search(r'data-suggests="([^"]+)"', inside)]),
            (re.search(r'data-met="(\w+)"', label) or ["", ""])[1],
        )
        for label, inside in options
    ]


def test_phrases_that_fit_the_family_and_the_person_come_first(signed_in, pendamping, family):
    def first(query):
        return [text for text, *_ in phrases_shown(signed_in.get(LOG, query).content.decode())][:5]

    child = MemberFactory(household=family)
    in_order = first({})
    assert in_order[0] == "Pengurus ada di rumah dan dalam keadaan sehat."
    assert "Rumah kosong; titip pesan kepada tetangga untuk janji baru." in in_order
    assert "Anak-anak masuk sekolah seperti biasa bulan ini." not in in_order

    MemberComponent.objects.create(
        household=family, member=child, component_id="sd", place="SDN 1", from_on=date(2026, 1, 1)
    )
    assert first({"kpm": family.case_number})[0] == "Anak-anak masuk sekolah seperti biasa bulan ini."

    saved = "Keluarga sudah menyisihkan tabungan sejak kunjungan terakhir."
    ActivityFactory(pendamping=pendamping, notes=saved, families=[family])
    assert first({})[0] == saved


def test_a_phrase_suggests_its_role_and_without_a_script_the_person_confirms_it(signed_in, filled):
    page = signed_in.get(LOG).content.decode()
    assert {role for _, role, _ in phrases_shown(page)} <= set(SubRole.objects.values_list("code", flat=True))
    phrase = QuickPhrase.objects.get(text="Menemani ke Disdukcapil untuk memperbaiki KK.")

    page = signed_in.post(LOG, filled(sub_role=None, phrase=[phrase.pk])).content.decode()

    assert "Kalimat yang dicentang cocok dengan peran Advokasi. Periksa, lalu simpan lagi." in page
    assert page.count('name="sub_role" value="REP-2" checked') == 1
    assert page.index('value="REP-2" checked') < page.index("role-picker")
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    ("met", "text"),
    [
        ("tidak", "Pengurus ada di rumah dan dalam keadaan sehat."),
        ("ya", "Rumah kosong; titip pesan kepada tetangga untuk janji baru."),
    ],
)
def test_a_contradiction_needs_a_word(signed_in, family, filled, met, text):
    phrase = QuickPhrase.objects.get(text=text)
    said = {"phrase": [phrase.pk], f"met-{family.case_number}": met}

    page = signed_in.post(LOG, filled(**said, notes="")).content.decode()

    assert "hanya cocok bila" in page and not Activity.objects.exists()
    signed_in.post(LOG, filled(**said, notes="Bicara lewat pagar dengan anak sulungnya."))
    assert Activity.objects.get().notes == f"{text}\nBicara lewat pagar dengan anak sulungnya."
