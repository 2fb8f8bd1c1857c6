"""The measuring of work without signal, on small made-up figures: what it sends, what it counts, what it says of a miss."""

import json
import os
from datetime import date
from itertools import count

from bench import offline, phone, sections, syncing
from phone.batch import MOST
from phone.envelope import read_envelope

CASES = ["PKH-7F3K2", "PKH-7F3K3"]


def results(**others):
    """What a run leaves in which every request costs 2 + 1 ms."""
    cost = {"app": 2.0, "pg": 1.0}
    bundle = cost | {"bytes": 500_000, "parts": dict.fromkeys(syncing.OF_A_BUNDLE, cost)}
    part = {"app": 0.5, "pg": 0.1}
    visit = dict.fromkeys(syncing.OF_A_VISIT, part) | {"whole": cost}
    start = {"ready": 900, "answered": 100, "parsed": 500, "bytes": 40_000, "strangers": 0.2}
    return {
        "rounds": 3,
        "starts": 5,
        "bundles": {(kind, families): bundle for kind in offline.BUNDLES for families in (300, 600)},
        "sent": dict.fromkeys(offline.SENT, cost),
        "ratio": 0.15,
        "parts": {"batch": visit, "single": visit},
        "small": dict.fromkeys(offline.SMALL, cost),
        "scripts": {"js/phone/page.js": 6_000},
        "kept": 13_000_000,
        "cold": dict.fromkeys(offline.OPENED, start),
        **others,
    }


def phone_of(cases):
    one = syncing.Phone.__new__(syncing.Phone)
    one.login, one.tag, one.today = {"session": "s", "csrf": "c"}, "tag", date(2026, 11, 30)
    one.cases, one.turn = cases, count()
    return one


def test_the_section_tells_its_goals_and_what_a_request_takes():
    text = offline.section(results())
    assert text.startswith(f"{sections.WITHOUT_SIGNAL}\n")
    assert "| first bundle of 600 families | at most 1 MB | 0.5 MB | met |" in text
    assert "**missed**" not in text
    assert f"| {offline.SENT['batch']} | 2.00 + 1.00 = 3.00 |" in text
    assert f"| {offline.SENT['batch']} | 20% | 20% | 20% | 40% |" in text
    assert "| the form of a visit | 40,000 | 100 | 500 | 900 | 1,200 | 0.2 |" in text


def test_each_goal_that_is_missed_has_a_cause():
    slow = {"app": 3_000.0, "pg": 100.0}
    bundles = {turn: figures | slow for turn, figures in results()["bundles"].items()}
    cold = {what: found | {"ready": 4_000} for what, found in results()["cold"].items()}
    small = dict.fromkeys(offline.SMALL, slow)
    text = offline.section(
        results(bundles=bundles, cold=cold, small=small, ratio=0.7, scripts={"page.js": 30_000})
    )
    assert text.count("**missed**") == len(offline.GOALS) - 1  # all but the bytes of a bundle
    assert "go into drawing 600 families" in text
    assert "the worker answers after 100 ms" in text.lower()


def test_the_sections_stand_behind_the_report_in_their_order():
    report = "# Performance\n\nWords.\n"
    both = sections.with_section(report, f"{sections.BESIDE}\n\nOld.\n")
    both = sections.with_section(both, f"{sections.WITHOUT_SIGNAL}\n\n### Scripts\n\nNew.\n")
    assert both == (
        f"{report}\n{sections.WITHOUT_SIGNAL}\n\n### Scripts\n\nNew.\n\n{sections.BESIDE}\n\nOld.\n"
    )
    again = sections.with_section(both, f"{sections.BESIDE}\n\nNewer.\n")
    assert again == both.replace("Old.", "Newer.")
    assert sections.kept(again) == again.removeprefix(f"{report}\n")


def test_a_batch_is_one_that_the_server_reads_and_no_family_comes_twice_in_a_day():
    one = phone_of(CASES)
    (request,) = one.sends()
    said = json.loads(request["wsgi.input"].read())
    entries = [dict(read_envelope(entry).fields) for entry in said["entries"]]
    assert len(entries) == syncing.BATCH == MOST
    assert len({(entry["kpm"], entry["occurred_on"]) for entry in entries}) == len(entries)
    assert request["CONTENT_TYPE"] == "application/json"
    assert request["HTTP_X_CSRFTOKEN"] == "c"
    assert [each["PATH_INFO"] for each in one.writes()] == [syncing.FORM] * syncing.BATCH


def one_by_one():
    for number in range(2):
        yield number, sum(range(300_000))


def test_a_clock_runs_within_what_it_watches_until_the_last_of_it_is_made():
    clock = syncing.Clock([os.getpid()], each=1)
    with clock.on(f"{__name__}.one_by_one"):
        assert [number for number, _ in one_by_one()] == [0, 1]
        spent = clock.read()
        sum(range(300_000))
        assert clock.read() == spent
    assert spent["app"] > 0.5
    list(one_by_one())
    assert clock.read() == spent


def test_of_several_rounds_the_lower_quartile_is_told():
    rounds = [{"app": float(number), "parts": {"form": {"pg": 2.0 * number}}} for number in (1, 2, 3, 9)]
    assert phone.quartile(rounds) == {"app": 1.25, "parts": {"form": {"pg": 2.5}}}
    assert phone.quartile(rounds[:1]) == rounds[0]


def test_the_caseloads_lie_one_after_the_other():
    dealt = phone.dealt()
    assert [(part["first"], part["last"]) for part in dealt] == [(1, 600), (601, 900), (901, 1000)]
