"""Every list that leaves as a file: the file holds what its page shows, and says by which filters."""

import re
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.models import User
from pkh_casework.listing import Choice
from pkh_casework.templatetags.formats import angka
from reports.files.lists import LISTS, wanted
from reports.files.operations.export import make
from reports.models import Export
from tests.exports import ask, rows_of, take
from wilayah.models import Wilayah

LISTED = {what: of for what, of in LISTS.items() if of.page}
ASKERS = ("pendamping.kebonjayanti", "koordinator.kiaracondong")
WRITTEN = {"q": "an", "rw": "5", "lama": "30"}
ENOUGH = 100  # rows of a page and the next ones; a longer list is compared as far
TAB = re.compile(r'<a href="\?keadaan=[^>]*aria-current="page">(.*?)</a>')


@pytest.fixture(params=ASKERS)
def asker(client, demo, today, request, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    user = User.objects.get(username=request.param)
    client.force_login(user)
    return user


def questions(of, listing):
    """Queries: nothing, something odd, and each filter of the list with each value, or with one that it may have."""
    yield ""
    yield urlencode({name: "tidak-ada" for name in of.listing.base_filters})
    for name, one in of.listing.base_filters.items():
        if name in WRITTEN:
            values = [WRITTEN[name]]
        elif name == "di":
            values = (
                Wilayah.objects.under(listing.user.wilayah_id)
                .order_by("-code")
                .values_list("pk", flat=True)[:1]
            )
        elif isinstance(one, Choice):
            values = [value for value, _ in listing.filters.get(name, one).extra["choices"]]
        else:
            values = one.names(listing).order_by("-pk").values_list("pk", flat=True)[:2]
        for value in values:
            yield urlencode({name: value})


def shown(client, of, query):
    """(what tells the rows of the page and of the next ones apart, whether these are all, the words of the chosen tab)."""
    address, found, tab = f"{reverse(of.page)}?{query}", [], None
    while address and len(found) < ENOUGH:
        answer = client.get(address)
        page = answer.context["page"]
        found += [row["case"] if isinstance(row, dict) else row.pk for row in page.rows]
        tab = tab or TAB.search(answer.content.decode())
        address = page.next_url
    return found, not address, tab and strip_tags(tab[1])


@pytest.mark.parametrize("what", LISTED)
def test_a_file_holds_what_its_page_shows_and_names_every_filter(what, client, asker, today):
    of = LISTED[what]
    plain = of.listing(QueryDict(""), user=asker, today=today)
    everybody = plain.start().count()
    for query in questions(of, plain):
        want = wanted(what, QueryDict(query), user=asker, today=today)
        in_file = list(want.rows.values_list(of.case if of.household == "pk" else "pk", flat=True))
        on_page, are_all, tab = shown(client, of, query)
        told = dict(want.filters)

        assert set(on_page) <= set(in_file), query
        assert (len(on_page) == len(in_file)) == are_all, query
        assert tab is None or tab in told.values(), (query, told)
        assert told or len(in_file) == everybody, query  # fewer rows than there are have a reason
        again = wanted(what, QueryDict(want.query), user=asker, today=today)
        assert (again.filters, again.rows.count()) == (want.filters, len(in_file)), query


@pytest.mark.parametrize("what", LISTED)
def test_the_file_itself_says_what_holds_unasked(what, client, asker, today):
    of = LISTED[what]
    rows, are_all, tab = shown(client, of, "")

    export = Export.objects.get(pk=ask(client, what).url.rstrip("/").rpartition("/")[2])
    if export.state == Export.State.WAITING:  # a long one is left to a worker
        make(export.pk)
    data = take(client, export)

    about = {row["Keterangan"]: row["Isi"] for row in rows_of(data, "Keterangan")}
    number = len(rows_of(data))
    assert number == len(rows) if are_all else number > len(rows)
    assert about["Jumlah baris"] == angka(number)
    if tab:
        assert about["Saringan"] == f"Keadaan: {tab}"
    elif number < of.listing(QueryDict(""), user=asker, today=today).start().count():
        assert about["Saringan"] != "tanpa saringan"


def test_each_filter_that_narrows_is_told_in_words(client, demo, today):
    """Filters that stand together are told together, in words and not in codes."""
    rina = User.objects.get(username="koordinator.kiaracondong")
    sri = User.objects.get(username="pendamping.kebonjayanti")

    def told(what, query, user=rina):
        return dict(wanted(what, QueryDict(query), user=user, today=today).filters)

    assert told("graduasi", "") == {"Keadaan": "Menunggu keputusan"}
    assert told("graduasi", "", sri) == {"Keadaan": "Semua"}
    assert told("kpm", "") == {"Status": "Didampingi"}
    assert told("kpm", f"rw=5&status=graduasi&pendamping={sri.pk}") == {
        "RW": "5",
        "Status": "Graduasi",
        "Pendamping": sri.name,
    }
    assert told("kpm", f"pendamping={rina.pk}", sri) == {
        "Status": "Didampingi"
    }  # asks nothing of a pendamping
    assert told("kpm", "kelompok=2000000000") == {"Kelompok": "–", "Status": "Didampingi"}
    assert told("sumber-daya", "buka=1&kategori=tidak-ada") == {"Yang masih menerima": "ya"}
    assert told("sumber-daya", "di=3273161002") == {"Yang melayani": "Kebon Jayanti"}
    assert told("pelatih", "keadaan=sudah") == {}
    assert told("kegiatan", "dari=2026-11-01") == {"Sejak": "1 Nov 2026"}
