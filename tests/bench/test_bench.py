"""The measuring itself, on small made-up figures: what it sends, what it counts, what it says of a miss."""

import os
import subprocess
import sys

from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory

from bench import beside, exports, report, sections
from bench.answering import environ
from bench.client import encode
from bench.independence import GROUNDS, LONG, SHORT
from bench.measure import Watch

FIGURES = {"rate": 100, "p50": 10, "p95": 20, "app_ms": 2.0, "pg_ms": 1.0, "cpu_ms": 3.0, "strangers": 0.1}
ON = dict.fromkeys(
    ["date", "commit", "cores", "model", "memory_gb", "python", "django", "gunicorn", "postgres"], "x"
)


def results(**measures):
    """What a run of 100k families leaves, with the given measures."""
    return {
        "machine": ON,
        "sizes": ["100k"],
        "memory": [{"when": "at rest", "pss": 120, "rss": 180}],
        "disk": {"100k": 10**9},
        "load": {"100k": {"families": 100_200, "steps": {"indexes": 30.0}}},
        **measures,
    }


def visits(**ours):
    systems = {name: FIGURES for name in ("pgbench", "bare", "empty", "plain")}
    counts = {name: {"own": 6, "all": 15} for name in ("plain", "100k")}
    return {"a": {**systems, "100k": FIGURES | ours}, "statements": counts}


def test_a_miss_is_reported_with_its_cause():
    text = report.write(results(**visits(cpu_ms=2.9)))
    assert "| visit: processor time against plain Django | at most 0.2x | 0.967x | **missed** |" in text
    assert "A fifth of plain Django is 0.6 ms." in text


def test_a_goal_that_is_met_needs_no_cause():
    text = report.write(results(**visits(cpu_ms=0.5, rate=500, p95=5)))
    assert "**missed**" not in text
    assert "Misses and why" not in text


def test_a_run_of_one_measure_reports_only_its_goals():
    text = report.goals_table(results())
    assert "app tier at rest" in text
    assert "visit" not in text


def test_the_load_sends_the_form_a_browser_would_send():
    job = {
        "port": 8000,
        "method": "POST",
        "path": "/kegiatan/catat/",
        "multipart": True,
        "fields": {"kpm": "{case}", "met-{case}": "ya", "op_id": "{uuid}"},
    }
    row = {"session": "s", "csrf": "c", "case": "PKH-7F3K2"}
    head, _, body = encode(job, row).partition(b"\r\n\r\n")
    kind = head.decode().partition("Content-Type: ")[2].partition("\r\n")[0]
    request = RequestFactory().post("/kegiatan/catat/", body, content_type=kind)
    assert request.POST["met-PKH-7F3K2"] == "ya"
    assert encode(job, row) != encode(job, row)  # every request has an op_id of its own


def test_processor_time_of_an_ended_child_is_counted():
    watch = Watch({"tests": os.getpid()}).start()
    subprocess.run([sys.executable, "-c", "sum(i * i for i in range(3_000_000))"], check=True)
    assert watch.stop().cpu["tests"] > 0.1


def progress(**cost):
    """What run (c) leaves; `cost` gives what the levels now of the long history cost."""
    row = {"cells": 76, "buffers": 100, "ms": 1.0}
    moments = {
        "now": row,
        "then": {"cells": 76, "buffers": 20, "ms": 0.5},
        "unrolled": {"cells": 76, "buffers": 900, "ms": 90.0},
    }
    areas = {"kelurahan": moments, "kota": moments}
    record = {"app_ms": 20.0, "pg_ms": 5.0, "statements": 22, "raw_pg_ms": 2.0, "strangers": 0.1}
    grown = {part: moments | {"now": row | cost} for part in areas}
    turns = [f"{part}, {name}: {what}" for part in areas for name in GROUNDS for what in ("page", "by hand")]
    return {
        "c": {
            "pages": {turn: FIGURES | {"bytes": 9000} for turn in turns},
            "plans": {name: {part: row | {"count": 12} for part in areas} for name in GROUNDS},
            "levels": {SHORT: areas, LONG: grown},
            "record": {SHORT: record, LONG: record},
            "load": {name: {} for name in GROUNDS},
        }
    }


def test_a_longer_history_that_costs_more_is_a_miss():
    flat = report.goals_table(progress(ms=1.05))
    assert "**missed**" not in flat
    assert "levels now, kelurahan, 8 against 2 assessments a family | at most 1.2x | 1.05x | met |" in flat
    assert "1.3x | **missed**" in report.goals_table(progress(ms=1.3))


def test_the_report_of_independence_stands_without_the_other_runs():
    text = report.write({"machine": ON, **progress(ms=1.0)})
    assert "## (c) How far families have come" in text
    assert "| kota | levels a year ago, from the scores | 900 | 90.00 | 900 | 90.00 |" in text
    assert "## Memory" not in text


def test_the_report_of_dashboards_and_exports_tells_met_from_missed():
    ways = {
        "ours": {"buffers": 12, "ms": 0.3},
        "by hand": {"buffers": 8, "ms": 0.2},
        "rows": {"buffers": 9000, "ms": 90.0},
    }
    file = {"rows": 1000, "seconds": 1.0, "cpu": 0.8, "peak_mb": 90.0, "bytes": 5e6}
    slow = file | {"seconds": 25.0}
    results = {
        "machine": ON,
        "d": {
            "pages": {part: FIGURES for part in ("kelurahan", "kota")},
            "trends": {"kelurahan": ways | {"rows": {"buffers": 20, "ms": 0.4}}, "kota": ways},
        },
        "e": {name: slow if name.startswith("django") else file for name in exports.TURNS},
    }
    text = report.write(results)

    assert (
        "13 months of a kota from the roll-up against counting the rows | at most 0.05x | 0.00333x | met |"
        in text
    )
    assert (
        "13 months of a kelurahan from the roll-up against counting the rows | at most 0.05x | 0.75x | **missed**"
        in text
    )
    assert "rows a second as CSV against django-import-export | at least 20x | 25x | met |" in text
    assert "| kota | hand-written SQL that counts the rows | 9,000 | 90.00 |" in text
    assert "| Langkah, csv | 1,000 | 1.0 | 1,000 | 0.8 | 90 | 5.0 |" in text


def test_a_comparison_tells_the_ratio_of_two_commits():
    calm, busy = (
        {"app_ms": 8.0, "pg_ms": 2.0, "statements": 16},
        {"app_ms": 90.0, "pg_ms": 9.0, "statements": 16},
    )
    less = {"app_ms": 4.0, "pg_ms": 1.0, "statements": 10}
    before, now = [calm, calm, calm, busy], [less, less, busy, less | {"statements": 10}]
    text = beside.section("abc1234", {job: {"before": before, "now": now} for job in beside.JOBS})
    assert "bench.beside abc1234" in text
    assert "| a visit | 8.00 + 2.00 = 10.00 | 4.00 + 1.00 = 5.00 | 0.50x | 16 | 10 |" in text


def test_a_whole_run_keeps_the_comparison():
    text = "# Performance\n\n## How it is measured\n\nWords.\n"
    section = f"{sections.BESIDE}\n\n| a table |\n"
    assert sections.kept(text) == ""
    assert sections.kept(f"{text}\n{section}") == section


def test_a_request_reaches_the_application_as_from_a_server():
    job = {"port": 80, "method": "POST", "path": "/kegiatan/catat/?kpm=PKH-1", "multipart": True}
    row = {"session": "s", "csrf": "c"}
    request = WSGIRequest(environ(encode(job | {"fields": {"op_id": "{uuid}", "notes": "Warung"}}, row)))
    assert (request.method, request.path, request.GET["kpm"]) == ("POST", "/kegiatan/catat/", "PKH-1")
    assert request.POST["notes"] == "Warung"
    assert request.COOKIES == {"sesi": "s", "csrf": "c"}
