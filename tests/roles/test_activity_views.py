import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from entries.models import HeldEntry, Receipt
from kpm.operations import assign, hand_over_group
from roles.models import Activity, ActivityHousehold, Photo
from tests.factories import ActivityFactory, GroupFactory, HouseholdFactory, MemberFactory, UserFactory
from tests.queries import count_queries

from .conftest import DAY

LOG = "/kegiatan/catat/"


@pytest.fixture
def signed_in(client, pendamping):
    client.force_login(pendamping)
    return client


@pytest.fixture(autouse=True)
def private_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def photo(name="kunjungan.jpg", *, size=(40, 30), kind="JPEG"):
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "rahasia-di-exif"
    Image.new("RGB", size, "teal").save(out, kind, exif=exif)
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def test_a_visit_goes_from_the_form_to_the_familys_page(signed_in, family, filled):
    response = signed_in.post(LOG, filled(), follow=True)

    assert response.redirect_chain == [(family.get_absolute_url(), 302)]
    receipt = Receipt.objects.get()
    assert f"Kode tanda terima {receipt.code}" in response.content.decode()
    past = signed_in.get(f"{family.get_absolute_url()}riwayat/").content.decode()
    assert "Melihat warung dan buku tabungan." in past
    assert Activity.objects.get().pendamping == receipt.author


def test_the_form_starts_with_the_family_and_today_but_with_no_role(signed_in, pendamping, family):
    """The role used last is not chosen beforehand: it would bias what the study measures."""
    ActivityFactory(pendamping=pendamping, sub_role_id="EDU-2", families=[family])

    page = signed_in.get(LOG, {"kpm": family.case_number}).content.decode()

    assert family.name in page
    assert 'value="2026-11-20"' in page
    assert not re.search(r'name="sub_role" value="[A-Z]{3}-\d" checked', page)
    assert re.search(r'name="kind" value="kunjungan_rumah"[^>]* checked', page)
    assert re.search(rf'name="met-{family.case_number}" value="ya" checked', page)
    assert UUID(re.search(r'name="op_id" value="([^"]+)"', page)[1]).version == 7


def test_every_sub_role_is_explained_where_it_is_chosen(signed_in):
    page = signed_in.get(LOG).content.decode()

    assert len(set(re.findall(r'name="sub_role" value="([A-Z]{3}-\d)"', page))) == 23
    assert len(set(re.findall(r"Misalnya: ([^<]+)<", page))) == 23


def test_a_group_brings_its_families(signed_in, pendamping):
    group = GroupFactory(pendamping=pendamping)
    families = HouseholdFactory.create_batch(3, pendamping=pendamping, group=group)
    HouseholdFactory(pendamping=pendamping, name="Bukan Anggota")

    page = signed_in.get(LOG, {"kelompok": group.pk}).content.decode()

    assert all(family.case_number in page for family in families)
    assert "Bukan Anggota" not in page
    assert re.search(r'name="kind" value="p2k2"[^>]* checked', page)


def test_one_activity_for_several_families_each_with_met_or_not(signed_in, pendamping, family, filled):
    other = HouseholdFactory(pendamping=pendamping)
    data = filled(kpm=[family.case_number, other.case_number], **{f"met-{other.case_number}": "tidak"})

    response = signed_in.post(LOG, data)

    activity = Activity.objects.get()
    assert response.url == activity.get_absolute_url()
    assert {row.household: row.met for row in activity.families.all()} == {family: True, other: False}


def test_phrases_alone_are_enough_and_come_before_the_free_text(signed_in, filled):
    page = signed_in.get(LOG).content.decode()
    number, text = re.search(
        r'name="phrase" value="(\d+)"[^>]*>\s*<span class="option__text">([^<]+)</span>', page
    ).groups()

    signed_in.post(LOG, filled(phrase=[number], notes=""))
    signed_in.post(LOG, filled(phrase=[number], notes="Anak sulung ikut bicara."))

    notes = list(Activity.objects.order_by("received_at").values_list("notes", flat=True))
    assert notes == [text, f"{text}\nAnak sulung ikut bicara."]


BAD = [
    ("future date", {"occurred_on": "2026-11-21"}, "Tanggal tidak boleh di masa depan."),
    ("date of another century", {"occurred_on": "1926-11-20"}, "lebih dari setahun yang lalu"),
    ("no date at all", {"occurred_on": "kemarin"}, "Tulis tanggal yang benar."),
    ("unknown family", {"kpm": ["PKH-ZZZZZ"]}, "Keluarga PKH-ZZZZZ tidak ditemukan."),
    ("not a case number", {"kpm": ["' OR 1=1 --"]}, "tidak ditemukan"),
    ("no family for a visit", {"kpm": None}, "Pilih keluarga (KPM) untuk kegiatan ini."),
    ("missing sub-role", {"sub_role": None}, "Pilih satu peran"),
    ("invented sub-role", {"sub_role": "ABC-9"}, "Pilih peran dari daftar."),
    ("invented kind", {"kind": "piknik"}, "Pilih jenis kegiatan dari daftar."),
    (
        "note of 10,000 characters",
        {"notes": "x" * 10_000},
        "Terlalu panjang: 10.000 huruf, paling banyak 4.000",
    ),
    ("nothing said", {"notes": " "}, "Pilih kalimat cepat atau tulis apa yang dilakukan."),
    ("step without date", {"next_step": "Cek buku"}, "Isi tanggalnya"),
    ("date without step", {"next_step_on": "2026-11-27"}, "Tulis langkahnya"),
    (
        "step before the activity",
        {"next_step": "Cek", "next_step_on": "2026-11-01"},
        "tidak boleh sebelum kegiatan",
    ),
    ("foreign group", {"group": "999999"}, "Kelompok tidak ditemukan."),
    (
        "null byte",
        {"notes": "halo\x00dunia"},
        "Ada huruf yang tidak bisa disimpan. Hapus isian ini, lalu ketik ulang.",
    ),
]


@pytest.mark.parametrize(("changes", "words"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_bad_input_is_named_and_what_was_typed_is_kept(changes, words, signed_in, filled):
    data = filled(outcome="Hasil yang sudah diketik.", place="Rumah KPM", **changes)

    response = signed_in.post(LOG, data)

    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    assert "Hasil yang sudah diketik." in page
    assert data["op_id"] in page
    assert "error-summary" in page
    if len(data.get("notes", "").strip()) > 1 and "\x00" not in data["notes"]:
        assert data["notes"] in page
    assert not Activity.objects.exists()
    assert not Receipt.objects.exists()


def test_a_foreign_family_reads_like_an_unknown_one(signed_in, filled):
    theirs = HouseholdFactory()

    page = signed_in.post(LOG, filled(kpm=[theirs.case_number])).content.decode()

    assert f"Keluarga {theirs.case_number} tidak ditemukan." in page
    assert theirs.name not in page


def test_met_or_not_must_be_said_for_each_family(signed_in, family, filled):
    page = signed_in.post(LOG, filled(**{f"met-{family.case_number}": "mungkin"})).content.decode()

    assert "pilih bertemu atau tidak bertemu" in page


def test_an_invalid_form_redraws_only_the_form_for_htmx(signed_in, filled):
    headers = {"HX-Request": "true", "HX-Target": "activity-form"}

    page = signed_in.post(LOG, filled(sub_role=None), headers=headers).content.decode()

    assert 'id="activity-form"' in page
    assert "<html" not in page


def test_a_stored_form_sends_htmx_on_by_header(signed_in, family, filled):
    response = signed_in.post(LOG, filled(), headers={"HX-Request": "true", "HX-Target": "activity-form"})

    assert (response.status_code, response["HX-Redirect"]) == (204, family.get_absolute_url())


def test_a_resend_is_one_visit_and_says_so(signed_in, filled):
    data = filled()
    signed_in.post(LOG, data)

    page = signed_in.post(LOG, data, follow=True).content.decode()

    assert "Catatan ini sudah diterima sebelumnya." in page
    assert Activity.objects.count() == 1


def test_a_resend_after_a_handover_is_still_what_was_taken(
    signed_in, pendamping, koordinator, family, filled
):
    data = filled()
    signed_in.post(LOG, data)
    assign(family, to=UserFactory(), by=koordinator, on=timezone.localdate())

    response = signed_in.post(LOG, data)

    assert response.status_code == 302
    assert Activity.objects.count() == 1
    assert not HeldEntry.objects.exists()


def test_an_entry_for_a_family_handed_over_meanwhile_is_held(signed_in, koordinator, family, filled):
    assign(family, to=UserFactory(), by=koordinator, on=timezone.localdate())

    page = signed_in.post(LOG, filled(), follow=True).content.decode()

    assert "aman di Titipan" in page
    assert HeldEntry.objects.get().payload["fields"]["notes"] == ["Melihat warung dan buku tabungan."]
    assert not Activity.objects.exists()


def test_storing_a_visit_takes_at_most_eight_queries(signed_in, filled):
    signed_in.post(LOG, filled())

    with count_queries() as queries:
        signed_in.post(LOG, filled())

    assert len(queries) <= 8, "\n".join(queries)


def test_storing_a_visit_of_forty_families_takes_as_many_queries_as_of_two(signed_in, pendamping, filled):
    families = HouseholdFactory.create_batch(40, pendamping=pendamping)

    def send(some):
        data = filled(kpm=[family.case_number for family in some])
        data |= {f"met-{family.case_number}": "ya" for family in some}
        with count_queries() as queries:
            assert signed_in.post(LOG, data).status_code == 302
        return len(queries)

    send(families[:2])
    assert send(families[:2]) == send(families)


def test_photos_are_made_small_and_lose_their_metadata(signed_in, filled, settings):
    signed_in.post(LOG, {**filled(), "photos": [photo(size=(4000, 3000))]})

    stored = Photo.objects.get()
    with stored.file.open() as file:
        kept = file.read()
    assert (stored.width, stored.height) == (1600, 1200)
    assert b"rahasia-di-exif" not in kept
    assert Image.open(io.BytesIO(kept)).getexif() == {}


def test_a_photo_is_served_to_who_holds_the_family_and_to_nobody_else(
    client, signed_in, pendamping, koordinator, family, filled
):
    signed_in.post(LOG, {**filled(), "photos": [photo()]})
    picture = Photo.objects.get()
    url = reverse("roles:activity_photo", args=[picture.activity_id, picture.pk])

    response = signed_in.get(url)
    assert response["Content-Type"] == "image/jpeg"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]
    assert b"".join(response.streaming_content).startswith(b"\xff\xd8")

    client.force_login(UserFactory())
    assert client.get(url).status_code == 404
    assign(family, to=UserFactory(), by=koordinator, on=timezone.localdate())
    client.force_login(pendamping)
    assert client.get(url).status_code == 404


def test_a_photo_of_a_group_is_one_photo(signed_in, pendamping, family, filled):
    other = HouseholdFactory(pendamping=pendamping)
    cases = [family.case_number, other.case_number]
    signed_in.post(LOG, {**filled(), "kpm": cases, f"met-{other.case_number}": "ya", "photos": [photo()]})
    picture = Photo.objects.get()
    url = reverse("roles:activity_photo", args=[picture.activity_id, picture.pk])

    assert b"".join(signed_in.get(url).streaming_content).startswith(b"\xff\xd8")
    assert signed_in.get(picture.activity.get_absolute_url()).content.decode().count("<img") == 1


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (lambda: SimpleUploadedFile("gambar.svg", SVG, content_type="image/svg+xml"), "bukan foto"),
        (lambda: SimpleUploadedFile("besar.jpg", b"\xff\xd8" + b"0" * 20_000_000), "lebih dari 10 MB"),
        (lambda: SimpleUploadedFile("rusak.jpg", b"\xff\xd8\xff\xe0 not a photo"), "rusak"),
        (lambda: photo("bom.png", size=(9000, 9000), kind="PNG"), "terlalu besar ukurannya"),
    ],
    ids=["svg", "20 MB", "broken", "81 megapixels"],
)
def test_a_bad_photo_is_refused_beside_the_field(upload, words, signed_in, filled):
    page = signed_in.post(LOG, {**filled(), "photos": [upload()]}).content.decode()

    assert words in page
    assert "Melihat warung dan buku tabungan." in page
    assert not Activity.objects.exists()


def test_more_than_four_photos_are_refused(signed_in, filled):
    page = signed_in.post(LOG, {**filled(), "photos": [photo() for _ in range(5)]}).content.decode()

    assert "Paling banyak 4 foto. Yang dipilih: 5." in page


def test_members_concerned_are_kept_and_foreign_ones_ignored(signed_in, family, filled):
    child = MemberFactory(household=family)

    signed_in.post(LOG, filled(member=[str(child.pk), str(MemberFactory().pk), "not-a-uuid"]))

    assert [member for member in ActivityHousehold.objects.get().members.all()] == [child]


def test_a_new_form_asks_once_what_was_used_last(signed_in, family):
    with count_queries() as queries:
        signed_in.get(LOG, {"kpm": family.case_number})

    assert sum('FROM "roles_activity" ' in query for query in queries) == 1


def test_a_promise_is_ticked_while_logging_the_visit_that_kept_it(signed_in, pendamping, family, filled):
    earlier = ActivityFactory(
        pendamping=pendamping, families=[family], next_step="Bawa KK baru", next_step_on=DAY
    )
    earlier.families.update(step_due_on=DAY)
    promise = earlier.families.get()
    foreign = ActivityFactory(families=[HouseholdFactory()], next_step="Lain", next_step_on=DAY)
    foreign.families.update(step_due_on=DAY)
    page = signed_in.get(LOG, {"kpm": family.case_number}).content.decode()
    assert f'name="janji" value="{promise.pk}"' in page

    data = filled(janji=[str(promise.pk), str(foreign.families.get().pk), "bukan-uuid"])
    signed_in.post(LOG, data)
    signed_in.post(LOG, data)

    promise.refresh_from_db()
    assert promise.step_done_on == DAY
    assert foreign.families.get().step_done_on is None
    assert Receipt.objects.count() == 1
    assert not HeldEntry.objects.exists()


def test_the_list_of_activities_names_a_family_only_to_who_holds_it(signed_in, koordinator, family, filled):
    signed_in.post(LOG, filled())
    assert family.name in signed_in.get("/kegiatan/").content.decode()

    assign(family, to=UserFactory(), by=koordinator, on=timezone.localdate())
    page = signed_in.get("/kegiatan/").content.decode()
    assert family.name not in page
    assert "1 keluarga" in page


def test_members_and_promises_stay_ticked_when_the_form_is_drawn_again(signed_in, pendamping, family, filled):
    families = [family, *HouseholdFactory.create_batch(6, pendamping=pendamping)]
    child = MemberFactory(household=family)
    for number in (2, 7):  # offered as boxes, or too many to offer and carried along
        chosen = families[:number]
        data = filled(kpm=[one.case_number for one in chosen], member=[str(child.pk)], sub_role=None)
        data |= {f"met-{one.case_number}": "ya" for one in chosen}

        page = signed_in.post(LOG, data).content.decode()

        assert re.search(rf'name="member" value="{child.pk}"', page), number
        assert (f'value="{child.pk}" checked' in page) == (number == 2)


def test_a_new_holder_sees_of_a_group_activity_only_the_own_family(
    client, signed_in, pendamping, koordinator, family, filled
):
    other = HouseholdFactory(pendamping=pendamping)
    data = filled(kpm=[family.case_number, other.case_number], **{f"met-{other.case_number}": "ya"})
    signed_in.post(LOG, data)
    heir = UserFactory()
    assign(family, to=heir, by=koordinator, on=timezone.localdate())

    client.force_login(heir)
    page = client.get(Activity.objects.get().get_absolute_url()).content.decode()

    assert family.name in page
    assert other.case_number not in page
    assert "Dan 1 keluarga dampingan orang lain." in page


def test_families_are_found_while_typing_with_a_slip_of_the_finger(signed_in, pendamping):
    HouseholdFactory(pendamping=pendamping, name="Euis Komariah")
    HouseholdFactory(name="Euis Orang Lain")

    page = signed_in.get(f"{LOG}cari/", {"q": "euis komaria"}).content.decode()

    assert "Euis Komariah" in page
    assert "Orang Lain" not in page


def test_after_a_handover_the_author_reads_the_text_and_the_case_number_only(
    signed_in, koordinator, family, filled
):
    signed_in.post(LOG, filled())
    assign(family, to=UserFactory(), by=koordinator, on=timezone.localdate())
    activity = Activity.objects.get()

    page = signed_in.get(activity.get_absolute_url()).content.decode()

    assert "Melihat warung dan buku tabungan." in page
    assert family.case_number in page
    assert family.name not in page
    assert signed_in.get(family.get_absolute_url()).status_code == 404


def test_the_kelompok_of_an_activity_is_named_to_whose_it_is(signed_in, pendamping, koordinator):
    group = GroupFactory(pendamping=pendamping, name="Anggrek 2")
    activity = ActivityFactory(pendamping=pendamping, group=group)
    assert "Anggrek 2" in signed_in.get(activity.get_absolute_url()).content.decode()

    hand_over_group(group, to=UserFactory(), by=koordinator, on=timezone.localdate())

    assert "Anggrek 2" not in signed_in.get(activity.get_absolute_url()).content.decode()


def test_the_list_of_activities_is_paged_by_key(signed_in, pendamping):
    ActivityFactory.create_batch(55, pendamping=pendamping)

    first = signed_in.get("/kegiatan/").content.decode()
    more = re.search(r'href="(/kegiatan/\?sesudah=[^"]+)"', first)[1]
    second = signed_in.get(more).content.decode()

    links = r"/kegiatan/[0-9a-f-]{36}/"
    assert len(set(re.findall(links, first)) | set(re.findall(links, second))) == 55
    assert "sesudah" not in second


def test_the_list_of_a_wide_area_is_read_in_order_and_not_sorted(koordinator):
    newest = Activity.objects.counted_for(koordinator).order_by("-occurred_on", "-id")[:51]

    with connection.cursor() as cursor:
        # A few rows are sorted sooner than read by an index; what matters is that there is one in this order.
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = newest.explain()

    assert "activity_newest_first" in plan
    assert "Sort" not in plan


def test_neighbours_are_offered_to_be_met_on_the_same_way(signed_in, pendamping):
    where = {"rw": 5, "rt": 2, "pendamping": pendamping}
    home = HouseholdFactory(**where)
    late = HouseholdFactory(**where, last_visited_on=DAY - timedelta(days=50))
    lately = HouseholdFactory(**where, last_visited_on=DAY - timedelta(days=2))
    HouseholdFactory(**where, last_visited_on=DAY)
    HouseholdFactory(pendamping=pendamping, rw=5, rt=3)
    HouseholdFactory(rw=5, rt=2, pendamping=UserFactory())

    found = near_to(signed_in, home)
    assert found == [late.case_number, lately.case_number]


def near_to(client, family):
    return [row.case_number for row in client.get(LOG, {"kpm": family.case_number}).context["neighbours"]]


def test_where_there_is_no_rt_the_kelompok_is_near_and_a_strangers_family_is_near_nothing(
    signed_in, pendamping
):
    group = GroupFactory(pendamping=pendamping)
    home, other = (
        HouseholdFactory(pendamping=pendamping, group=group, rw=None, rt=None, name=name)
        for name in ("Aminah", "Sumiati")
    )
    alone = HouseholdFactory(pendamping=pendamping, rw=None, rt=None)
    foreign = HouseholdFactory(pendamping=UserFactory(), rw=5, rt=2)

    assert near_to(signed_in, home) == [other.case_number]
    assert near_to(signed_in, alone) == near_to(signed_in, foreign) == []
