"""Odd addresses and odd forms: whatever stands in a query or a body, no route ever answers 500."""

import re
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test.client import encode_multipart
from django.utils.http import urlencode

from kpm.listings import HouseholdListing, QualityListing
from pkh_casework.access import may_enter
from resources.nearby import ResourceListing
from tests.factories import BANDUNG
from tests.test_access import ROOMS, everything
from tests.walker import UNBOUND, address_of, as_sent, one_of_each, open_routes
from tests.worlds import made_once

LENS = {"bulan", "wilayah", "rw", "pendamping"}
PERIOD = {"periode", "sampai"}
SEARCH = {"kpm", *ResourceListing.base_filters}
PARAMETERS = {  # what each route reads from its address
    "accounts:login": {"next"},
    "accounts:user_list": {"q", "tugas", "wilayah", "sesudah"},
    "wilayah:search": {"q"},
    "kpm:household_list": {*HouseholdListing.base_filters, "urut", "sesudah"},
    "kpm:household_create": {"di"},
    "kpm:member_move": {"q", "ke"},
    "kpm:move_list": {"sesudah"},
    "kpm:group_list": {"sesudah"},
    "kpm:payment_list": {"tahap", "keadaan", "masalah", "sesudah"},
    "kpm:payment_roll": {"semua"},
    "roster:handover_list": {"keadaan", "sesudah"},
    "roster:household_move": {"cari", "ke"},
    "roster:suspect_list": {"keadaan", "sesudah"},
    "roster:siks_list": {"jenis", "keadaan", "kel", "sesudah"},
    "roster:to_type_list": {"jenis", "keadaan", "kel", "sesudah"},
    "roster:to_type_detail": {"jenis", "keadaan", "kel"},
    "roster:to_type_paper": {"jenis", "keadaan", "kel"},
    "roster:to_type_sheet": {"jenis", "keadaan", "kel", "bentuk"},
    "roster:handover_create": {"dari", "kelompok", "kpm", "kembali"},
    "kpm:exit_list": {"sesudah"},
    "kpm:data_quality": set(QualityListing.base_filters),
    "kpm:data_quality_rows": {*QualityListing.base_filters, "sesudah"},
    "kpm:goal_list": {"keadaan", "sesudah"},
    "kpm:goal_create": {"indikator", "score"},
    "kpm:goal_defer": {"indikator", "score"},
    "kpm:assessment_list": {"sesudah"},
    "kpm:assessment_create": {"bentuk", "form", "instrument"},
    "kpm:group_create": {"di"},
    "kpm:graduation_list": {"keadaan", "sesudah"},
    "kpm:graduation_ready": {"sesudah"},
    "roles:activity_create": {"ulang", "kpm", "kelompok", "jenis", "mitra"},
    "resources:resource_list": SEARCH | {"sesudah"},
    "resources:resource_map": SEARCH | {"sekitar"},
    "resources:resource_place": {"sekitar"},
    "resources:resource_families": {"semua"},
    "resources:resource_twins": {"name"},
    "resources:resource_detail": {"kpm"},
    "resources:partner_list": {"q", "kategori", "sesudah"},
    "resources:partner_detail": {"sesudah"},
    "roles:family_find": {"q"},
    "roles:activity_list": {"sesudah"},
    "kpm:goal_detail": {"sesudah"},
    "resources:referral_list": {"keadaan", "sesudah"},
    "roles:meeting_list": {"keadaan", "sesudah"},
    "roles:meeting_coverage": {"sesudah"},
    "roles:meeting_plan": {"mulai"},
    "roles:meeting_hold": {"semua"},
    "roles:incident_list": {"keadaan", "jenis", "wilayah", "sesudah"},
    "roles:remark_list": {"keadaan", "sesudah"},
    "roles:remark_group": {"centang"},
    "roles:commitment_list": {"bulan"},
    "roles:commitment_fill": {"mulai", "semua"},
    "roles:commitment_pdf": {"isi"},
    "roles:school_file_list": {"sesudah"},
    "roles:school_file_detail": {"mulai"},
    "roles:training_need": {"sesudah"},
    "roles:training_list": {"keadaan", "sesudah"},
    "roles:training_create": {"indikator"},
    "roles:training_hold": {"semua", "perbaiki"},
    "roles:trainer_list": {"sesudah"},
    "resources:referral_create": {"kpm", "tujuan", "indikator", "sumber"},
    "sinergi:programme_list": {"sesudah"},
    "sinergi:programme_create": {"dari"},
    "sinergi:programme_detail": {"tampil"},
    "sinergi:programme_rows": {"angka", "indikator", "keluarga", "sesudah"},
    "sinergi:candidate_list": {"sesudah"},
    "sinergi:enrolment_leave": {"akhir"},
    "entries:held_list": {"sesudah", "kode"},
    "reports:dashboard": LENS | PERIOD,
    "reports:lurah_pdf": LENS | PERIOD,
    "reports:lurah_xlsx": LENS | PERIOD,
    "reports:figure_rows": LENS | PERIOD | {"dari", "sesudah", "indikator", "sub_peran", "tanggal"},
    "reports:gap": LENS | PERIOD,
    "reports:notice_list": {"sesudah"},
    "reports:need_map": LENS | {"indikator"},
    "reports:target_list": LENS | {"sesudah"},
    "reports:target_propose": LENS | {"angka"},
    "reports:targets_decide": {"centang", "sesudah"},
    "reports:independence": LENS | {"kelompok", "indikator"},
    "reports:independence_rows": LENS
    | {"kelompok", "angka", "indikator", "tingkat", "asal", "hasil", "peran", "sesudah"},
    "reports:recap": LENS,
    "reports:export_create": LENS | {"daftar"},
    "reports:report_list": {"keadaan", "centang", "sesudah"},
    "reports:report_read": {"wilayah", "bulan", "baca"},
    "reports:report_detail": {"wilayah", "bulan", "baca"},
    "reports:report_move": {"wilayah", "bulan", "baca"},
    "reports:reporting": LENS,
    "reports:months_lock": LENS | {"centang"},
    "reports:report_create": {"bulan", "wilayah"},
    "reports:month_list": {"sesudah"},
    "reports:version_rows": {"pendamping", "mulai"},
    "reports:rhk_list": LENS,
    "reports:rhk_month_pdf": LENS | {"rhk"},
    "reports:rhk_month_docx": LENS | {"rhk"},
    "desk:today": {"rw", "urut"},
    "desk:families_waiting": {"rw", "urut", "ditunda", "sesudah"},
    "desk:day_summary": {"tanggal", "pendamping"},
    "desk:trip": {"rw", "rt"},
    "desk:trip_paper": {"rw", "rt"},
    "desk:household_history": {"riwayat", "sesudah"},
    "phone:bundle": {"sejak"},
    "master:table_detail": {"semua"},
    "master:row_propose": {"dari", "akhiri"},
    "roster:batch_list": {"sesudah"},
    "roster:batch_detail": {"lihat", "sesudah"},
    "phone:token": {"phone"},
    "phone:phone_list": {"keadaan", "sesudah"},
}
ODD = [
    "",
    "\0",
    f"{BANDUNG}\0",
    "²",
    "٣",
    str(2**31 - 1),
    "9" * 30,
    "2026-13",
    "0001-01",
    "9999-12",
    "9999-99-99",
    "PKH-\0²%_'\"<",
    "🙂" * 500,
]
ODD_QUERIES = [*map(quote, ODD), "%FF%FE"]
FIELDS_AT_ONCE = 4
BROKEN_BODIES = [
    ("application/x-www-form-urlencoded", b"%FF=%00&=&op_id"),
    ("application/x-www-form-urlencoded", b"a=1&" * 3001),
    (
        "multipart/form-data; boundary=batas",
        b'--batas\r\nContent-Disposition: form-data; name="op_id"\r\n\r\n',
    ),
    ("application/json", b"{"),
]
# A form that is filled in well, in a body that says something else of itself. Each route gets one of each, in turn.
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
ODD_CHARSETS = ["utf-16", "utf-7", "cp037", "rot13", "idna", "undefined", "nonsense"]
ODD_TYPES = [
    MULTIPART,
    "text/plain",
    "",
    f"{MULTIPART}; boundary=lain",
    f"{MULTIPART}; boundary=\xe9",
    ";",
    "a/b; c",
]
ODD_FRAMES = [
    {"CONTENT_LENGTH": "3"},
    {"CONTENT_LENGTH": "-1"},
    {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"},
    {"HTTP_CONTENT_ENCODING": "gzip"},
    {"CONTENT_TYPE": f"{URLENCODED}; charset=utf8"},
]


@made_once
def world():
    return one_of_each()


def odd_bodies(sent, turn):
    """(content type, body, headers) of a charset, a type and a frame that do not fit the fields `sent`."""
    sent = sent or {"op_id": ""}  # without a body the client names no type either
    form = (
        (URLENCODED, urlencode(sent, doseq=True)),
        (f"{MULTIPART}; boundary=b", encode_multipart("b", sent)),
    )
    kind, body = form[turn % 2]
    yield f"{kind}; charset={ODD_CHARSETS[turn // 2 % len(ODD_CHARSETS)]}", body, {}
    yield ODD_TYPES[turn % len(ODD_TYPES)], body, {}
    yield kind, body, ODD_FRAMES[turn % len(ODD_FRAMES)]


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("who", ["anonim", "pendamping", "kelurahan", "koordinator", "admin"])
def test_no_odd_address_and_no_odd_form_is_a_500(who, room, client, world):
    thing, users = world
    user, broken = users[who], []
    client.raise_request_exception = False
    if user:
        client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value if user else ""

    def check(what, method, *args, **kwargs):
        with transaction.atomic():
            response = getattr(client, method)(*args, **kwargs)
            transaction.set_rollback(True)
            everything(response)
        client.cookies[settings.SESSION_COOKIE_NAME] = session
        if response.status_code >= 500:
            broken.append((method, args[0][:80], what, response.exc_info))
        return response

    for place, (name, params) in enumerate(open_routes(user, room)):
        url = address_of(name, params, thing)
        # The duty that comes first tries everything; the others, who meet the same reading behind the same door, a few.
        is_first = who == next(duty for duty in users if may_enter(users[duty], name))
        few = slice(None) if is_first else slice(1, None, 4)
        parameters = sorted(PARAMETERS.get(name, ()))
        for turn in range(len(ODD_QUERIES))[few] if parameters else ():
            # Every parameter gets every value once, each time another one.
            values = [ODD_QUERIES[(turn + place) % len(ODD_QUERIES)] for place in range(len(parameters))]
            query = "&".join(map("=".join, zip(parameters, values, strict=True)))
            check(query, "get", f"{url.partition('?')[0]}?{query}")
        sent = as_sent(check("page", "get", url))
        if check("empty", "post", url, {}).status_code == 405:
            continue
        case = thing["family"].case_number
        unbound = [
            *UNBOUND,
            *(
                f"{name}-{case}"
                for name in ("met", "hadir", "oleh", "alasan", "cair", "masalah", "ket", "dulu")
            ),
        ]
        of_member = f"{case}-{thing['member'].pk}-hadir_sekolah"
        unbound += [f"{name}-{of_member}" for name in ("alpa", "izin", "sakit", "datang")]
        for value in ODD[few]:
            check(value, "post", url, dict.fromkeys([*sent, *unbound], value))
        # And in a few places of a form that is filled in well otherwise, which is read further.
        names, turns = list(sent), -(-len(sent) // FIELDS_AT_ONCE)
        for odd in [*(names[turn::turns] for turn in range(turns) if is_first), unbound]:
            check(odd, "post", url, sent | dict.fromkeys(odd, "9\0²"))
        picture = SimpleUploadedFile("\0.jpg", b"\xff\xd8 no picture", "image/jpeg")
        check("photos", "post", url, {**sent, "photos": picture})
        for kind, body in BROKEN_BODIES[few]:
            check(kind, "post", url, body, content_type=kind)
        if is_first:
            for kind, body, frame in odd_bodies(sent, place):
                # Of a query Django makes words by that charset before any middleware, where the server has seen to it
                # already (errors.with_content_type) and the test client has not.
                way = url.partition("?")[0] if "charset" in kind else url
                answer = check((kind, frame), "generic", "POST", way, body, content_type=kind, **frame)
                if "charset" in kind and answer.status_code != 400:
                    broken.append((url, kind, answer.status_code))
    assert not broken, "\n".join(map(str, broken))


def test_every_parameter_that_a_view_reads_is_tried():
    known = set().union(*PARAMETERS.values())
    sources = [path for app in settings.HOUSE_APPS for path in (settings.BASE_DIR / app).rglob("*.py")]
    for path in sources:
        text = path.read_text()
        read = re.findall(
            r'GET\.get(?:list)?\("(\w+)"|"(\w+)" in request\.GET|asked_\w+\([\w.]+, "(\w+)"', text
        )
        assert {name for found in read for name in found if name} <= known, path
