"""The walker: every route x user x method x own/other object, with a canary in every text field of every family.

No byte of any answer may hold the canary of a family outside the asker's scope, GETs change nothing, and each
status is the one that the policy promises.
"""

import re

import pytest
from django.contrib.auth import SESSION_KEY
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from entries.models import AccessLog
from kpm.operations import assign
from kpm.payments import terms_back
from pkh_casework.access import POLICY
from pkh_casework.ids import uuid7
from reports.figures import FIGURES
from tests.answers import database_content, everything, unguarded
from tests.canaries import ASKED, PLAIN, canary, make_family
from tests.factories import UserFactory
from tests.worlds import made_once
from wilayah.models import Wilayah

METHODS = ["get", "head", "post", "put", "delete"]


@made_once
def world():
    """Families of a pendamping, a colleague, a neighbouring kelurahan and another kecamatan, and who looks at them."""
    Wilayah.objects.create(code="327301", name="Sukasari", level=3, parent_id="3273", search_name="sukasari")
    Wilayah.objects.create(
        code="3273011001", name="Sarijadi", level=4, parent_id="327301", search_name="sarijadi"
    )
    holders = {
        "sendiri": UserFactory(),
        "rekan": UserFactory(),
        "tetangga": UserFactory(wilayah_id="3273161001"),
        "jauh": UserFactory(wilayah_id="3273011001"),
    }
    return {
        "families": {owner: make_family(owner, user) for owner, user in holders.items()},
        "users": {
            "anonim": None,
            "pendamping": holders["sendiri"],
            "kelurahan": UserFactory(kelurahan=True),
            "koordinator": UserFactory(koordinator=True),
            "koordinator_jauh": UserFactory(koordinator=True, wilayah_id="327301"),
            "admin": UserFactory(admin=True),
        },
    }


# Whose families each user may open, and whose words may reach the screen.
SCOPE = {
    "anonim": set(),
    "pendamping": {"sendiri"},
    "kelurahan": set(),
    "koordinator": {"sendiri", "rekan", "tetangga"},
    "koordinator_jauh": {"jauh"},
    "admin": set(),
}
# Accounts that each user may change (names of colleagues are no case data).
MANAGES = {
    "koordinator": {"sendiri", "rekan", "tetangga"},
    "koordinator_jauh": {"jauh"},
    "admin": set(SCOPE) | {"sendiri", "rekan", "tetangga", "jauh"},
}

OF_A_REFERRAL = "referral_detail referral_move consent_withdraw referral_pdf link_create link_revoke"
REFERRAL_ROUTES = {f"resources:{view}" for view in OF_A_REFERRAL.split()}
REPORT_ROUTES = {f"reports:report_{view}" for view in ("detail", "edit", "move", "pdf")}
# A file is its asker's alone.
EXPORT_ROUTES = {"reports:export_detail", "reports:export_cancel", "reports:export_take"}
SCHOOL_ROUTES = {"roles:school_file_detail", "roles:school_file_store"}
# Documents that leave by POST only; tests/reports/test_exports.py reads what the trail keeps of them.
TAKEN_BY_POST = {f"reports:{view}" for view in ("export_create", "export_take", "recap", "office_take")}
TAKEN_BY_POST |= {"roster:batch_refused", "roles:commitment_sheet"}
ACCOUNT_ROUTES = {"user_detail", "user_edit", "user_code", "user_disable", "user_unlock"}


# What belongs to an area and to no family: which view shows which row, and the areas each user may see it of.
AREA_ROUTES = {
    **{f"resource_{view}": "resource" for view in ("detail", "edit", "check", "place", "families")},
    "partner_detail": "partner",
    "partner_edit": "partner",
    "contact_create": "partner",
    "contact_edit": "contact",
    "agreement_create": "partner",
    "agreement_edit": "agreement",
    "training_detail": "training",
    "training_edit": "training",
    "training_invite": "training",
    "training_hold": "training",
    "trainer_edit": "trainer",
    "month_detail": "period",
    "month_lock": "period",
    "month_reopen": "period",
    "month_diff": "period",
    "version_detail": "lock",
}
PROGRAMME_ROUTES = {
    **dict.fromkeys(
        (
            "programme_detail",
            "programme_edit",
            "programme_close",
            "programme_figures",
            "programme_rows",
            "programme_pdf",
            "stage_edit",
            "candidate_list",
            "enrolment_advance",
            "business_list",
            "business_create",
            "budget_list",
            "budget_create",
        ),
        "programme",
    ),
    "business_edit": "business",
    "budget_edit": "budget",
}
# Files of families are of the office that sent them.
OF_A_BATCH = "batch_detail batch_columns batch_apply batch_cancel batch_undo batch_refused family_choose"
BATCH_ROUTES = {f"roster:{view}" for view in OF_A_BATCH.split()}
DUPLICATES = {"suspect_detail": "suspect", "merge_create": "suspect", "merge_detail": "merge"}
DUPLICATES |= {"siks_detail": "difference", "to_type_detail": "to_type", "to_type_untick": "to_type"}
ENROLMENT_ROUTES = ("enrolment_detail", "enrolment_move", "enrolment_leave")
MEETING_ROUTES = {
    "meeting_plan": "group",
    "meeting_detail": "meeting",
    "meeting_edit": "meeting",
    "meeting_sheet": "meeting",
    "meeting_hold": "planned",
    "incident_step_done": "incident_step",
    "remark_explain": "remark",
    **{f"incident_{view}": "incident" for view in ("detail", "move", "step", "notes", "note")},
}
AREA_SCOPE = {
    **SCOPE,
    "pendamping": {"sendiri", "rekan"},
    "kelurahan": {"sendiri", "rekan"},
}


def routes():
    def walk(patterns, namespace=""):
        for entry in patterns:
            if isinstance(entry, URLPattern):
                yield f"{namespace}{entry.name}", sorted(entry.pattern.converters)
            else:
                yield from walk(entry.url_patterns, f"{entry.namespace}:" if entry.namespace else namespace)

    return list(walk(get_resolver().url_patterns))


def room_of(name):
    return name.rpartition(":")[0] or "pkh_casework"


def routes_of(room):
    return [(name, params) for name, params in routes() if room_of(name) == room]


ROOMS = sorted({room_of(name) for name, _ in routes()})


def arguments(name, params, thing):
    """Values for the parameters of route `name` that point at `thing`. A new parameter must be named here."""
    room, _, view = name.partition(":")
    pk = {
        "roles:step_done": thing["row"].pk,
        "kpm:member_edit": thing["member"].pk,
        "kpm:member_move": thing["member"].pk,
        "kpm:member_found": thing["member"].pk,
        "kpm:move_detail": thing["move"].pk,
        "kpm:group_edit": thing["group"].pk,
        "kpm:assessment_detail": thing["assessment"].pk,
        "kpm:assessment_edit": thing["assessment"].pk,
        "kpm:goal_edit": thing["goal"].pk,
        "kpm:goal_close": thing["goal"].pk,
        "kpm:step_create": thing["goal"].pk,
        "kpm:step_edit": thing["goal_step"].pk,
        "kpm:goal_detail": thing["goal"].pk,
        "kpm:goal_step_done": thing["goal_step"].pk,
        "roles:goal_step_reopen": thing["goal_step"].pk,
        "entries:held_detail": thing["held"].pk,
        "entries:held_photo": thing["held"].pk,
        "roster:handover_detail": thing["handover"].pk,
        "roster:handover_family": thing["handover_row"].pk,
        **{f"roster:{view}": thing[kind].pk for view, kind in DUPLICATES.items()},
        "kpm:graduation_detail": thing["graduation"].pk,
        "kpm:graduation_move": thing["graduation"].pk,
        "kpm:graduation_edit": thing["graduation"].pk,
        "kpm:graduation_file": thing["graduation"].pk,
        "kpm:graduation_pdf": thing["graduation"].pk,
        "kpm:watch_check": thing["graduation"].pk,
        "accounts:session_end": 999_999,
        **dict.fromkeys(REFERRAL_ROUTES, thing["referral"].pk),
        **{f"sinergi:{view}": thing[kind].pk for view, kind in PROGRAMME_ROUTES.items()},
        **{f"sinergi:{view}": thing["enrolment"].pk for view in ENROLMENT_ROUTES},
        "sinergi:enrolment_create": thing["programme"].pk,
        **dict.fromkeys(REPORT_ROUTES, thing["report"].pk),
        "reports:version_rows": thing["lock"].pk,
        "reports:target_detail": thing["target"].pk,
        "reports:late_accept": thing["held_month"].pk,
        **{f"{room}:{view}": thing[kind].pk for view, kind in (AREA_ROUTES | MEETING_ROUTES).items()},
        **dict.fromkeys(EXPORT_ROUTES, thing["export"].pk),
        **dict.fromkeys(BATCH_ROUTES, thing["batch"].pk),
        **dict.fromkeys(SCHOOL_ROUTES, thing["school_file"].pk),
        "phone:phone_end": thing["phone"].pk,
        "master:proposal_detail": thing["proposal"].pk,
    }.get(name, thing["user"].pk if view in ACCOUNT_ROUTES else thing["activity"].pk)
    known = {
        "case": thing["family"].case_number,
        "pk": pk,
        "photo": thing["held_photo" if room == "entries" else "photo"].pk,
        "slug": "kegiatan" if name == "reports:version_rows" else "kpm-aktif",
        "file": thing["paper"].pk,
        "move": {"resources": "terima", "roles": "tetapkan"}.get(room, "setujui"),
        "token": thing["secret"],
        "family": thing["staged"].pk,
        "table": "kpm.componentrate",
        "tahap": terms_back(timezone.localdate())[0].key,
        "group": thing["group"].pk,
        "worker": thing["user"].pk,
        **PLAIN,
        **thing["place"],
    }
    return {param: known[param] for param in params}


def may_open(name, who, owner):
    if name == "accounts:session_end":
        return False  # nobody's session has that number
    if name.startswith("master:"):
        return True  # the same for everybody
    if name in EXPORT_ROUTES | SCHOOL_ROUTES:
        return (who, owner) == ("pendamping", "sendiri")
    if name.partition(":")[2] in ACCOUNT_ROUTES:
        return owner in MANAGES.get(who, set())
    if name == "reports:version_rows":  # of the area, but a pendamping opens the rows of the own work only
        return owner in (SCOPE if who == "pendamping" else AREA_SCOPE)[who]
    if name.partition(":")[2] in AREA_ROUTES | PROGRAMME_ROUTES:
        return owner in AREA_SCOPE[who]
    return owner in SCOPE[who]


def expected(name, params, who, duty, owner):
    """The set of statuses that the policy promises for this user and object."""
    rule = POLICY[name]
    if rule.open:
        return {200, 204, 302, 400, 405, 429} | PHONE_ANSWERS.get(name, set())
    if duty is None:
        # A POST that would lose typed words gets the login page itself, which carries them along.
        return {302, 401} if rule.keeps_input else {302}
    if duty not in rule.duties:
        return {404}
    if not PLAIN.keys() | {"slug"} >= {*params} and not may_open(name, who, owner):
        return {404, 405}
    named = PHONE_ANSWERS.get(name, set())
    return {200, 204, 302, 400, 405} | named | ({404} if name in AUTHOR_ONLY else set())


# What a phone is told in numbers: a key was made, there is none for what it names, nobody is logged in, no such photo.
PHONE_ANSWERS = {
    "phone:phone_register": {201},
    "phone:phone_open": {410},
    "phone:phone_hear": {410},
    "phone:token": {401},
    "phone:photo_piece": {422},
}
# Also within scope, some pages are the author's or the koordinator's alone.
AUTHOR_ONLY = {
    *(f"master:{name}" for name in ("row_propose", "file_propose", "proposal_detail")),  # of a whole kota
    *(f"roles:{name}" for name in ("training_edit", "activity_edit", "incident_move")),
    *(f"kpm:{name}" for name in ("assessment_edit", "instrument_detail", "graduation_move")),
    "entries:held_detail",
    *(f"reports:report_{name}" for name in ("edit", "move")),
    "reports:target_detail",  # its proposer alone withdraws it
}


def foreign_canaries(text, who):
    return {found for found in re.findall(rb"KENARI-(\w+?)-", text) if found.decode() not in SCOPE[who]}


# Whose rows each user asks for: one of each kind of own and foreign rows, as this user meets them.
OWNERS = {
    "anonim": ["sendiri"],
    "pendamping": ["sendiri", "rekan", "jauh"],
    "kelurahan": ["sendiri", "tetangga", "jauh"],
    "koordinator": ["sendiri", "tetangga", "jauh"],
    "koordinator_jauh": ["jauh", "sendiri"],
    "admin": ["sendiri", "jauh"],
}


def owners_tried(name, params, method, who, user):
    """Whose rows are asked for: of each kind where the row decides, one where the door is closed or the method alone
    decides; what no view takes is tried by those who may come in.
    """
    behind_the_door = POLICY[name].open or (user and user.duty in POLICY[name].duties)
    if method in {"put", "delete"} and not behind_the_door:
        return []
    if not params or method not in {"get", "post"}:
        return ["sendiri"]
    return OWNERS[who] if behind_the_door else ["jauh"]


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("who", list(SCOPE))
def test_no_route_opens_more_than_the_policy_promises(who, room, client, world, quietly):
    user = world["users"][who]
    if user:
        client.force_login(user)
    before = database_content()
    wrong, leaks = [], []
    for method in METHODS:
        for name, params in routes_of(room):
            for owner in owners_tried(name, params, method, who, user):
                url = reverse(name, kwargs=arguments(name, params, world["families"][owner]))
                response = getattr(client, method)(url)
                if response.status_code not in expected(name, params, who, user and user.duty, owner):
                    wrong.append((method, name, owner, response.status_code))
                if found := foreign_canaries(everything(response), who):
                    leaks.append((method, name, owner, found))
                if method in {"put", "delete"} and response.status_code in {200, 204}:
                    wrong.append((method, name, owner, response.status_code))
                if fault := unguarded(response):
                    wrong.append((method, name, owner, fault))
                if name == "accounts:logout" and user and SESSION_KEY not in client.session:
                    client.force_login(user)
        if method in {"get", "head"}:
            assert database_content() == before, f"{method} changed the database"
    assert not wrong
    assert not leaks


def test_kelurahan_rows_hold_case_number_and_no_word_of_a_family(client, world):
    client.force_login(world["users"]["kelurahan"])
    numbers = 0
    for slug in FIGURES:
        response = client.get(reverse("reports:figure_rows", args=[slug]))
        assert response.status_code == 200
        text = everything(response)
        assert not foreign_canaries(text, "kelurahan"), slug
        numbers += world["families"]["sendiri"]["family"].case_number.encode() in text
        assert world["families"]["tetangga"]["family"].case_number.encode() not in text
    assert numbers


def test_ids_of_others_in_a_body_reach_nothing(client, world):
    """Every form of the field, filled with the ids of a colleague's rows."""
    me, theirs = world["users"]["pendamping"], world["families"]["rekan"]
    mine = world["families"]["sendiri"]
    before = database_content()
    foreign = {
        "kpm": [theirs["family"].case_number],
        f"met-{theirs['family'].case_number}": "ya",
        "group": theirs["group"].pk,
        "kelompok": theirs["group"].pk,
        "pendamping": theirs["user"].pk,
        "wilayah": "3273161001",
        "heir": theirs["member"].pk,
        "member": [str(theirs["member"].pk)],
        "household": str(theirs["family"].pk),
        "chair": str(theirs["family"].pk),
    }
    plain = {
        "op_id": str(uuid7()),
        "occurred_on": timezone.localdate().isoformat(),
        "kind": "kunjungan_rumah",
        "sub_role": "FAS-1",
        "notes": "Coba-coba.",
        "name": "Kelompok Coba",
    }
    client.force_login(me)
    for name, params in routes():
        rule = POLICY[name]
        if rule.open or me.duty not in rule.duties or name.startswith("accounts:"):
            continue
        url = reverse(name, kwargs=arguments(name, params, mine))
        response = client.post(url, {**plain, **foreign})
        assert not foreign_canaries(everything(response), "pendamping"), name
        assert response.status_code != 500
        query = client.get(
            url, {name: value for name, value in foreign.items() if not isinstance(value, list)}
        )
        assert not foreign_canaries(everything(query), "pendamping"), name
    after = database_content()
    for table in ("kpm_household", "kpm_member", "kpm_assignment", "kpm_pengurus"):
        assert after[table] == before[table], table
    reached = {row.activity for row in theirs["family"].activity_rows.all()}
    assert reached == {theirs["activity"], theirs["meeting"].activity, theirs["late"].activity}


def test_a_handover_closes_every_page_of_the_family_for_the_former_holder(client, world):
    mine = world["families"]["sendiri"]
    assign(
        mine["family"],
        to=world["families"]["rekan"]["user"],
        by=world["users"]["koordinator"],
        on=timezone.localdate(),
    )
    client.force_login(world["users"]["pendamping"])

    for name, params in routes():
        if "case" not in params:
            continue
        for method in METHODS:
            response = getattr(client, method)(reverse(name, kwargs=arguments(name, params, mine)))
            if (
                response.status_code == 302
            ):  # what was typed is held, and the page of it says nothing of the family
                assert method == "post" and response.url.startswith("/kiriman/"), name
                assert b"KENARI-" not in client.get(response.url).content, name
            else:
                assert response.status_code in {404, 405}, (method, name)
    own_text = client.get(mine["activity"].get_absolute_url()).content
    assert canary("sendiri", "kegiatan").encode() in own_text
    for field in ("nama", "alamat", "anggota", "sekolah"):
        assert canary("sendiri", field).encode() not in own_text, field


@pytest.mark.parametrize("who", list(SCOPE))
def test_a_page_that_is_not_there_carries_the_headers_too(who, client, world):
    if user := world["users"][who]:
        client.force_login(user)
    response = client.get("/tidak-ada/")
    assert response.status_code == 404 and not unguarded(response)


def test_a_route_without_policy_is_refused(client, world, monkeypatch):
    monkeypatch.delitem(POLICY, "desk:more")
    client.force_login(world["users"]["pendamping"])

    assert client.get("/lainnya/").status_code == 404


def test_a_switched_off_account_is_out_at_once(client, world):
    user = world["users"]["pendamping"]
    client.force_login(user)
    assert client.get("/").status_code == 200

    user.is_active = False
    user.save(update_fields=["is_active"])

    assert client.get("/").url.startswith("/masuk/")


def looks():
    return AccessLog.objects.exclude(action="denied").count()


def test_the_trail_keeps_the_looks_that_the_policy_promises_and_no_others(client, world):
    """A koordinator leaves a row on every audited route; who holds the family only on what nobody opens unseen."""
    thing, audited = world["families"]["sendiri"], set()
    for who in ("koordinator", "pendamping"):
        client.force_login(world["users"][who])
        for name, params in routes():
            audit, user = POLICY[name].audit, world["users"][who]
            shut = audit == "export" and user.duty not in POLICY[name].duties
            if name == "accounts:logout" or name in TAKEN_BY_POST or POLICY[name].open or shut:
                continue
            before = looks()
            everything(client.get(reverse(name, kwargs=arguments(name, params, thing)) + ASKED.get(name, "")))
            looked = looks() > before
            assert looked == (audit in {"export", "secret"} or (who == "koordinator" and audit != "")), (
                who,
                name,
            )
            audited |= {name} if looked else set()
    assert audited == {name for name, rule in POLICY.items() if rule.audit} - TAKEN_BY_POST


@pytest.mark.parametrize("who", ["koordinator", "pendamping"])
def test_an_identity_number_shown_is_kept_whoever_asked(who, client, world):
    thing = world["families"]["sendiri"]
    client.force_login(world["users"][who])
    revealing = [(name, params) for name, params in routes() if POLICY[name].audit == "reveal"]
    assert revealing
    for name, params in revealing:
        url = reverse(name, kwargs=arguments(name, params, thing))
        page = client.post(url, {"number": "no_kk", "reason": "kks"}).content.decode()
        assert thing["family"].no_kk.reveal() in page.replace(" ", "")
        kept = AccessLog.objects.get(action="reveal", route=name)
        assert (kept.subject, kept.fields) == (thing["family"].case_number, ["no_kk"])


def test_refusals_are_kept_in_the_trail_without_names(client, world):
    client.force_login(world["users"]["pendamping"])
    client.get(world["families"]["rekan"]["family"].get_absolute_url() + "?q=rahasia")

    refused = AccessLog.objects.get(action="denied")
    assert refused.route == "desk:household_detail"
    assert "rahasia" not in refused.path
