"""What a former holder still reads (contract C1): the own activities, and of the family the number of its case.

A family with a canary in every text goes to a colleague, who writes in every place where the family has words and goes
on with it. No page, row behind a figure or file of the former holder may hold one of these words, or an old one that
is not of the own work.
"""

import re

import pytest
from django.db import transaction
from django.db.models import CharField, TextField
from django.db.utils import DatabaseError
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from kpm.models import Goal, GraduationCase, Household, WatchCheck
from kpm.operations import assign
from pkh_casework.days import months_after
from reports.figures import FIGURES, Lens
from reports.figures.queries import STAYS, figure_page
from reports.figures.values import values_of
from reports.files.lists import BY_MODEL, LISTS, cells, wanted
from tests.answers import everything
from tests.canaries import make_family
from tests.factories import ActivityFactory, UserFactory, assess, make_goal
from tests.referrals import make_referral, step
from tests.test_access import arguments
from tests.test_conventions import HOUSE_MODELS
from tests.walker import open_routes
from tests.worlds import made_once

# What the former holder wrote of the own work; meetings and the kelompok are the worker's as well.
OWN_WORDS = {
    *("kegiatan", "hasil", "langkah", "tempat", "kelompok", "pertemuan"),
    *("laporan", "berkas sekolah", "sebab", "titip", "titip foto", "keperluan", "hp"),
}
AFTER = "KENARI-sesudah"


@made_once
def handed_over():
    ani, budi, rina = UserFactory(), UserFactory(), UserFactory(koordinator=True)
    thing = make_family("sendiri", ani)
    family, today = thing["family"], timezone.localdate()
    closed = make_goal(family, "C1", wish="KENARI-sendiri-tujuan", on=today)
    assign(family, to=budi, by=rina, on=today)
    family = Household.objects.get(pk=family.pk)
    rewritten = [model.__name__ for model in HOUSE_MODELS if _rewrite(model, family, ani)]
    _close(closed, today)
    _go_on(family, budi, rina, today)
    return {"ani": ani, "budi": budi, "rina": rina, "thing": thing, "rewritten": rewritten}


def _rewrite(model, family, author):
    """Put the words of the new holder into every text of `model` about the family, where the database lets anybody."""
    texts = [
        field
        for field in model._meta.concrete_fields
        if field.name in getattr(model, "personal_fields", ()) and type(field) in {CharField, TextField}
    ]
    names = {field.name for field in model._meta.concrete_fields}
    if not texts or not (model is Household or "household" in names):
        return False
    rows = model.objects.filter(**({"pk": family.pk} if model is Household else {"household": family}))
    return sum([_write(rows, field, f"{AFTER}-{model.__name__}.{field.name}") for field in texts]) > 0


def _write(rows, field, words):
    """How many of `rows` take `words`: what is written once, or stands only with other fields, refuses."""
    try:
        with transaction.atomic():
            return rows.update(**{field.name: words[: field.max_length]})
    except DatabaseError:
        return 0


def _go_on(family, budi, rina, today):
    assess(family, {"A1": 1, "B2": 4}, on=today, family={"A1": 2})
    goal = make_goal(family, "D1", wish=f"{AFTER}-tujuan", why=f"{AFTER}-mengapa", on=today)
    _close(goal, today)
    words = {name: f"{AFTER}-{name}" for name in ("notes", "outcome", "next_step", "place")}
    ActivityFactory(pendamping=budi, families=[family], occurred_on=today, next_step_on=today, **words)
    step(make_referral(family, "diajukan", on=today, need=f"{AFTER}-butuh"), "terima", on=today, note=AFTER)
    cases = GraduationCase.objects.filter(household=family)
    cases.update(state="disetujui", graduated_on=today, decided_on=today, decided_by=rina)
    checks = WatchCheck.objects.filter(household=family)
    checks.update(done_on=today, outcome=WatchCheck.Outcome.FALLEN)


def _close(goal, today):
    Goal.objects.filter(pk=goal.pk).update(state="tercapai", closed_on=today, closed_reason=f"{AFTER}-alasan")


def told_by(slug):
    """(month, indicator) of all ways to ask for the rows of a figure here."""
    month = timezone.localdate().replace(day=1)
    indicators = ("A1", "B2") if FIGURES[slug].source.scope.indicator else ("",)
    return [(day, code) for day in (month, months_after(month, -1)) for code in indicators]


def queries(slug):
    return [f"bulan={month:%Y-%m}" + (f"&indikator={code}" if code else "") for month, code in told_by(slug)]


def lenses(slug, user):
    return [Lens(user, timezone.localdate(), month, indicator=code) for month, code in told_by(slug)]


def leaked(text):
    """The canaries in `text` (bytes) that a former holder may not read."""
    found = set(re.findall(r"KENARI-(\w+)-([a-z ]+)?", text.decode(errors="replace")))
    return {(owner, words) for owner, words in found if owner != "sendiri" or words.strip() not in OWN_WORDS}


def file_of(what, user, query=""):
    """The list or rows `what` as a file for `user`, with every column, in one text."""
    today = timezone.localdate()
    want = wanted(what, QueryDict(query), user=user, today=today)
    columns = want.of.columns_on(today)
    return repr(list(cells(want.of, want.asker, want.rows, columns))).encode()


def test_the_world_has_new_words_in_every_room(handed_over):
    texts = {
        "Household",
        "Member",
        "Goal",
        "Referral",
        "Attendance",
        "TrainingPlace",
        "GraduationCase",
        "WatchCheck",
    }
    assert texts <= set(handed_over["rewritten"])


@pytest.mark.parametrize("slug", FIGURES)
def test_rows_and_files_tell_a_former_holder_the_number_of_the_case(slug, client, handed_over):
    ani = handed_over["ani"]
    client.force_login(ani)
    for query in queries(slug):
        page = client.get(f"{reverse('reports:figure_rows', args=[slug])}?{query}")
        assert page.status_code == 200
        assert not leaked(everything(page)), query
        assert not leaked(file_of(f"angka/{slug}", ani, query)), query
    for lens in lenses(slug, ani):
        rows, _ = figure_page(FIGURES[slug], lens)
        for row in rows:
            if "family" in row and FIGURES[slug].source.shown.needs_family and not FIGURES[slug].median_of:
                assert row["family"] is not None or row.keys() <= STAYS
        if not FIGURES[slug].median_of:
            assert values_of([slug], lens)[slug] == len(rows)


@pytest.mark.parametrize("slug", ["tujuan-ditutup", "tujuan-tercapai"])
def test_a_goal_closed_after_the_handover_counts_but_tells_no_day(slug, client, handed_over):
    ani, number = handed_over["ani"], handed_over["thing"]["family"].case_number
    today = timezone.localdate()
    rows, _ = figure_page(FIGURES[slug], Lens(ani, today, today.replace(day=1)))

    assert [(row["number"], row["day"]) for row in rows] == [(number, None)]
    client.force_login(ani)
    page = client.get(reverse("reports:figure_rows", args=[slug])).content.decode()
    row = page[page.index('<li class="row">') :].partition("</li>")[0]
    assert number in row and "sesudah dialihkan" in row and "Tercapai" not in row


@pytest.mark.parametrize("what", LISTS)
def test_lists_hold_nothing_of_a_family_given_away(what, handed_over):
    assert not leaked(file_of(what, handed_over["ani"]))


def personal(model, path):
    """Whether `path` (of a lookup) leads from `model` to a field that a model calls personal; of staff none is."""
    *way, last = path.split("__")
    for name in way:
        model = model._meta.get_field(name).related_model
    return model is not User and last in getattr(model, "personal_fields", ())


def test_every_personal_column_of_a_list_about_families_goes_with_the_family():
    about = [of for of in BY_MODEL.values() if of.household]
    columns = [(of, column) for of in about for column in of.columns if isinstance(column.value, str)]
    found = [(of.slug, column) for of, column in columns if personal(of.model, column.value)]
    assert {"tujuan", "rujukan", "asesmen", "graduasi"} <= {slug for slug, _ in found}
    assert [(slug, column.key) for slug, column in found if not column.of_family] == []


def test_no_other_page_tells_a_former_holder_more(client, handed_over):
    ani, told = handed_over["ani"], {}
    client.force_login(ani)
    for name, params in open_routes(ani):
        url = reverse(name, kwargs=arguments(name, params, handed_over["thing"]))
        if name != "accounts:logout" and (found := leaked(everything(client.get(url)))):
            told[name] = found
    assert not told


def test_who_may_read_the_new_words_does(client, handed_over):
    """So that silence above means something: the koordinator of the area reads them in the same places."""
    rina, read = handed_over["rina"], set()
    client.force_login(rina)
    for slug in FIGURES:
        for query in queries(slug):
            page = everything(client.get(f"{reverse('reports:figure_rows', args=[slug])}?{query}"))
            if AFTER.encode() in page:
                read.add(slug)
            if f"{AFTER}-Goal.wish".encode() in file_of(f"angka/{slug}", rina, query):
                read.add(f"angka/{slug}")
    assert {"tujuan-ditutup", "tujuan-tercapai", "angka/tujuan-ditutup"} <= read
