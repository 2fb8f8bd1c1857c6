"""The first words of a dashboard, with the rows behind each number, and up to three things to do about them."""

from django.urls import reverse

from kpm.listings import PaymentListing
from pkh_casework.access import KELURAHAN, KOORDINATOR, PENDAMPING
from pkh_casework.templatetags.formats import angka
from reports.figures.declared.registry import FIGURES
from reports.figures.headlines import Part, headlines, last_month
from reports.figures.queries import named_parts
from reports.figures.values import by_area, values_by, values_of
from roles.listings import IncidentListing
from wilayah.models import DIGITS_BELOW, Wilayah

MOST_ACTIONS = 3
LONG, SHORTER = 91, 61  # days without a visit, as the list of families asks for them


def said_of(view, values, slugs, parts):
    """(Headlines, what is fine) of a view with these `values` and `parts`; `slugs` are the figures of its last month that is
    over.
    """
    due = last_month(view.lens)
    told, places = _last_month(view, slugs, due) if slugs else ({}, [])
    return headlines(view.lens, values, told, parts, places)


def linked(view, found):
    """The Headlines `found` with the rows behind their numbers."""
    rows = []
    for one in found:
        changed = {"bulan": f"{one.month:%Y-%m}", "periode": None, "sampai": None} if one.month else {}
        row = {"told": one, "url": view.figure_url(one.rule.slug, **changed)}
        if place := one.place:
            narrowed = {place.param: place.key, "dari": place.param}
            row["place_url"] = view.figure_url(one.rule.slug, **changed, **narrowed)
        rows.append(row)
    return rows


def _last_month(view, slugs, due):
    """({slug: value}, its Parts): by area only, since a report belongs to no RW. Each row is of one area, so that the parts
    add up.
    """
    if view.areas[-1].level == Wilayah.Level.KELURAHAN:
        return values_of(slugs, due), []
    by_part = values_by(sorted(slugs), due, by_area(DIGITS_BELOW[len(due.here)]))
    values = {slug: sum(row[slug] for row in by_part.values()) for slug in slugs}
    parts = named_parts(due.user, by_part)
    return values, [Part("wilayah", part.code, part.name, by_part[part.code]) for part in parts]


def actions_of(view, rows, people):
    """Up to MOST_ACTIONS things that the asker can do about the headlines `rows`, as (words, address)."""
    duty, found = view.lens.user.duty, []
    for row in rows:
        if done := ACTIONS.get((row["told"].rule.slug, duty)):
            found.append(done(view, row, people))
    if duty == KELURAHAN:
        found = [*found[: MOST_ACTIONS - 1], ("Ambil lembar untuk lurah", "#untuk-lurah")]
    return found[:MOST_ACTIONS]


def _where(row):
    return f" di {row['told'].place.name}" if row["told"].place else ""


def _visit(view, row, people):
    told = row["told"]
    days = SHORTER if told.rule.milder_than else LONG
    rw = f"&rw={told.place.key}" if told.place else ""
    url = f"{reverse('kpm:household_list')}?lama={days}{rw}"
    return f"Pilih siapa yang dikunjungi dulu{_where(row)}", url


def _ask_colleague(view, row, people):
    """Speak with the pendamping who holds the most of them."""
    slug = row["told"].rule.slug
    about = FIGURES[slug].unit
    held = [(values[slug], person) for person, values in people or [] if values.get(slug)]
    if not held:
        return f"Lihat{_where(row)} lebih dekat", row.get("place_url", row["url"])
    number, person = max(held, key=lambda one: one[0])
    url = view.figure_url(slug, pendamping=person.pk, dari="pendamping")
    return f"Bicarakan dengan {person.name}: {angka(number)} {about} di antaranya dipegangnya", url


def _tell(view, row, people):
    """An officer of the kelurahan knows case numbers, and the pendamping knows whose they are."""
    return f"Sampaikan nomor KPM-nya{_where(row)} kepada pendamping", row.get("place_url", row["url"])


def _of_month(route, words, **more):
    def done(view, row, people):
        month = row["told"].month or view.lens.month
        query = "&".join(f"{name}={value}" for name, value in ({"bulan": f"{month:%Y-%m}"} | more).items())
        return words, f"{reverse(route)}?{query}"

    return done


def _list(route, words, query=""):
    return lambda view, row, people: (words, reverse(route) + query)


def _rows(words):
    return lambda view, row, people: (words, row["url"])


STUCK = _list("kpm:payment_list", "Urus bantuan yang macet", f"?keadaan={PaymentListing.TROUBLE}")
OVERDUE_CASES = _list(
    "roles:incident_list", "Selesaikan kasus yang lewat batas", f"?keadaan={IncidentListing.OVERDUE}"
)
FELL = _rows("Buka keluarga yang turun dan bicarakan sebabnya")
PROMISED = _rows("Tepati janji yang lewat tanggal")
# What to do about a headline, by its figure and the duty of who reads it.
ACTIONS = {
    ("kasus-terlambat", PENDAMPING): OVERDUE_CASES,
    ("kasus-terlambat", KOORDINATOR): OVERDUE_CASES,
    ("kpm-tanpa-pemegang", KOORDINATOR): _list("roster:handover_create", "Serahkan kepada pendamping aktif"),
    **{
        (slug, duty): action
        for slug in ("belum-90-hari", "belum-60-hari", "akhir-bulan-belum-90")
        for duty, action in ((PENDAMPING, _visit), (KOORDINATOR, _ask_colleague), (KELURAHAN, _tell))
    },
    ("lapor-belum-masuk", PENDAMPING): _list("reports:report_list", "Selesaikan laporan Anda"),
    ("lapor-belum-masuk", KOORDINATOR): _of_month("reports:reporting", "Ingatkan yang belum melapor"),
    ("bantuan-bermasalah", PENDAMPING): STUCK,
    ("bantuan-bermasalah", KOORDINATOR): STUCK,
    ("bantuan-bermasalah", KELURAHAN): _tell,
    ("komitmen-belum", PENDAMPING): _of_month("roles:commitment_list", "Lihat komitmen yang belum terpenuhi"),
    ("komitmen-belum", KOORDINATOR): _rows("Lihat siapa yang komitmennya belum terpenuhi"),
    ("turun", PENDAMPING): FELL,
    ("turun", KOORDINATOR): FELL,
    ("langkah-terlambat", PENDAMPING): PROMISED,
    ("langkah-terlambat", KOORDINATOR): _ask_colleague,
}
