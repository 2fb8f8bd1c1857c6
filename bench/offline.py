"""What bench.phone tells in docs/performance.md: its goals, the causes of misses, its tables."""

from datetime import date

from .coldstart import SLOWER
from .goal import Goal, misses, table
from .sections import WITHOUT_SIGNAL
from .syncing import BATCH, OF_A_BUNDLE, OF_A_VISIT

BUNDLES = {
    "bundle": "the first",
    "day": f"after a day with {BATCH} visits",
    "nothing": "when nothing changed",
}
SENT = {
    "batch": f"{BATCH} in one request, as the outbox sends them",
    "single": "each sent by its page",
    "page": "the page that is shown then, which the outbox does not ask for",
}
SMALL = {
    "empty": "a signed-in request that does nothing",
    "token": "who is logged in, and the token: `/hp/tanda/`",
    "news": "news of the phone: `/hp/kabar/`",
}
OPENED = {"form": "the form of a visit", "list": "the list of all families", "today": "Hari ini"}
LARGEST = 600


def _ms(figures):
    return figures["app"] + figures["pg"]


def _seconds_of(kind):
    return lambda results: _ms(results["bundles"][kind, LARGEST]) / 1000


GOALS = [
    Goal(
        f"first bundle of {LARGEST} families",
        lambda results: results["bundles"]["bundle", LARGEST]["bytes"] / 1e6,
        1,
        unit=" MB",
    ),
    Goal(
        f"first bundle of {LARGEST} families: processor time",
        _seconds_of("bundle"),
        2,
        unit=" s",
        cause="bundle",
    ),
    Goal(
        f"bundle of {LARGEST} families {BUNDLES['day']}: processor time",
        _seconds_of("day"),
        0.1,
        unit=" s",
        cause="day",
    ),
    Goal(
        f"a visit of a batch of {BATCH} against one that its page sends: processor time",
        lambda results: results["ratio"],
        0.2,
        cause="batch",
    ),
    *(
        Goal(
            f"{SMALL[what]}: processor time",
            lambda results, what=what: _ms(results["small"][what]),
            3,
            unit=" ms",
            cause="small",
        )
        for what in ("token", "news")
    ),
    Goal(
        "all scripts, compressed as sent",
        lambda results: sum(results["scripts"].values()) / 1000,
        25,
        unit=" KB",
        cause="scripts",
    ),
    Goal(
        f"{OPENED['form']} from a closed browser, {SLOWER} times slower",
        lambda results: results["cold"]["form"]["ready"] / 1000,
        1.5,
        unit=" s",
        cause="cold",
    ),
]


def _why_batch(results):
    batch, single, page = (_ms(results["sent"][way]) for way in ("batch", "single", "page"))
    parts = results["parts"]["batch"]
    storing, form = (_ms(parts[part]) / _ms(parts["whole"]) for part in ("storing", "form"))
    return (
        f"What a visit leaves behind costs the same either way: {storing:.0%} of a batch go into storing (receipt, month"
        f" lock, activity, family row, last visit, checked keys), {form:.0%} into the forms. It saves the session, the user"
        f" and the outer middleware, which are there once for {BATCH}, and the page that follows each visit: with that"
        f" ({page:.1f} ms) a visit of a batch takes {batch / (single + page):.2f}x."
    )


def _why_bundle(results):
    whole = results["bundles"]["bundle", LARGEST]
    drawn, shared, today = (
        _ms(whole["parts"][part]) / 1000 for part in ("families", "pages and forms for all", "Hari ini")
    )
    return (
        f"{drawn:.1f} s go into drawing {LARGEST} families by the very templates of their pages, {drawn / LARGEST * 1000:.1f}"
        f" ms each, {shared:.1f} s into the pages and forms for all, however many families, {today:.1f} s into Hari ini."
        " A phone asks for a whole bundle once, and after each release; for all else what changed is enough."
    )


def _why_day(results):
    day = results["bundles"]["day", LARGEST]
    today, meetings, drawn, found = (
        _ms(day["parts"][part]) for part in ("Hari ini", "meetings", "families", "what changed")
    )
    return (
        f"The families themselves are cheap: finding them takes {found:.0f} ms, drawing {BATCH} of them {drawn:.0f} ms. What"
        f" depends on the day is drawn anew: Hari ini with every family that is due, about half of {LARGEST} in the demo"
        f" ({today:.0f} ms), and the roll calls of meetings near the day ({meetings:.0f} ms). When nothing changed all of"
        f" it takes {_ms(results['bundles']['nothing', LARGEST]):.0f} ms."
    )


def _why_small(results):
    empty = results["small"]["empty"]
    return (
        f"A signed-in request that does nothing takes {_ms(empty):.1f} ms of it: the session with its user is read from"
        " PostgreSQL and every middleware runs. Beyond that the phone is looked up, since its end must be heard at once."
    )


def _why_cold(results):
    form = results["cold"]["form"]
    return (
        f"The worker answers after {form['answered']:.0f} ms, with the browser's own start in it; the rest is the browser at"
        f" work on {form['bytes'] / 1000:.0f} KB of HTML: parsing, styles and layout. Scripts take a tenth of it."
    )


CAUSES = {
    "bundle": _why_bundle,
    "day": _why_day,
    "batch": _why_batch,
    "small": _why_small,
    "scripts": lambda results: "See the table of scripts.",
    "cold": _why_cold,
}


def section(results):
    """The section of docs/performance.md that tells the `results` of bench.phone, as text."""
    sizes = sorted({families for _, families in results["bundles"]})
    how = (
        f"`python -m bench.phone --write`, {date.today().isoformat()}. The families of the demo, in caseloads of"
        f" {', '.join(map(str, sizes))}. Processor time of one request, from the first middleware to the last, is that of"
        f" the program, without a web server, and of its connection to PostgreSQL: the lower quartile of"
        f" {results['rounds']} rounds, in which all take turns. Ratio: the median of those of the single rounds."
    )
    parts = [
        WITHOUT_SIGNAL,
        how,
        table(GOALS, results),
        misses(GOALS, CAUSES, results),
        "### What a phone takes along",
        _bundles(results),
        "### Sending visits",
        _visits(results),
        "### An idle phone",
        _small(results),
        "### Scripts",
        _scripts(results),
        "### From a closed browser",
        _cold(results),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _bundles(results):
    lines = [
        f"| bundle | families | bytes (brotli) | CPU ms (app + PostgreSQL) | of it {' | '.join(OF_A_BUNDLE)} |",
        f"|---|---|---|---|{'---|' * len(OF_A_BUNDLE)}",
    ]
    for (kind, families), figures in results["bundles"].items():
        parts = [f"{_ms(figures['parts'][part]):,.0f}" for part in OF_A_BUNDLE]
        cells = [BUNDLES[kind], f"{families}", f"{figures['bytes']:,.0f}", _cpu(figures, 0), *parts]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _visits(results):
    lines = [
        "| visits | CPU ms of one (app + PostgreSQL) |",
        "|---|---|",
        *(f"| {SENT[way]} | {_cpu(figures)} |" for way, figures in results["sent"].items()),
        "",
        "Where the time goes, in rounds of their own, since the clocks take time too:",
        "",
        f"| visits | {' | '.join(OF_A_VISIT)} | session, user, middleware, redirect |",
        f"|---|{'---|' * (len(OF_A_VISIT) + 1)}",
    ]
    for way, parts in results["parts"].items():
        whole = _ms(parts["whole"])
        shares = [_ms(parts[part]) / whole for part in OF_A_VISIT]
        told = " | ".join(f"{share:.0%}" for share in [*shares, 1 - sum(shares)])
        lines.append(f"| {SENT[way]} | {told} |")
    return "\n".join(lines)


def _small(results):
    empty = _ms(results["small"]["empty"])
    lines = ["| request | CPU ms (app + PostgreSQL) | beyond one that does nothing |", "|---|---|---|"]
    for what, figures in results["small"].items():
        beyond = f"{_ms(figures) - empty:.2f}" if what != "empty" else ""
        lines.append(f"| {SMALL[what]} | {_cpu(figures)} | {beyond} |")
    return "\n".join(lines)


def _scripts(results):
    lines = ["| script | bytes (brotli) |", "|---|---|"]
    return "\n".join(lines + [f"| `{name}` | {size:,} |" for name, size in results["scripts"].items()])


def _cold(results):
    told = (
        f"Chromium with {LARGEST} families on the phone ({results['kept'] / 1e6:.1f} MB with all files), the server gone,"
        f" the browser started anew each time. The page runs {SLOWER} times slower, by Chromium's own throttling; the"
        " service worker can't be slowed down (Chromium: only supported for pages), so that its part has to be counted"
        f" {SLOWER} times too. Wall time, the median of {results['starts']}, without those in which strangers kept more than"
        " half a core busy, unless all are such."
    )
    lines = [
        told,
        "",
        "| page | bytes of HTML | the worker has answered, ms | parsed | usable | with as slow a worker | strangers' cores |",
        "|---|---|---|---|---|---|---|",
    ]
    for what, found in results["cold"].items():
        slow = found["ready"] + (SLOWER - 1) * found["answered"]
        times = [f"{found[name]:,.0f}" for name in ("bytes", "answered", "parsed", "ready")]
        lines.append(f"| {OPENED[what]} | {' | '.join(times)} | {slow:,.0f} | {found['strangers']:.1f} |")
    return "\n".join(lines)


def _cpu(figures, digits=2):
    return f"{figures['app']:,.{digits}f} + {figures['pg']:,.{digits}f} = {_ms(figures):,.{digits}f}"
