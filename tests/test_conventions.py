"""The repository checks itself: floors, policy, templates, personal fields, sizes."""

import ast
import inspect
import re
from functools import lru_cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import URLPattern, get_resolver

from pkh_casework.access import POLICY

ROOT = settings.BASE_DIR
FLOORS = [
    "wilayah",
    "accounts",
    "entries",
    "master",
    "kpm",
    "roster",
    "resources",
    "roles",
    "sinergi",
    "reports",
    "desk",
    "phone",
    "demo",
]
HOUSE_MODELS = [
    model
    for model in apps.get_models()
    if model._meta.app_label in settings.HOUSE_APPS and not hasattr(model, "pgh_tracked_model")
]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
LONGEST_LINE = 160
SOURCES = sorted(
    path
    for app in [*settings.HOUSE_APPS, "tests", "bench"]
    for path in (ROOT / app).rglob("*.py")
    if "migrations" not in path.parts
)


def views():
    """(route name, view) pairs."""

    def walk(patterns, namespace=""):
        for entry in patterns:
            if isinstance(entry, URLPattern):
                yield f"{namespace}{entry.name}", entry.callback
            else:
                inner = f"{entry.namespace}:" if entry.namespace else namespace
                yield from walk(entry.url_patterns, inner)

    return list(walk(get_resolver().url_patterns))


def route_names():
    return [name for name, _ in views()]


# Views that take a POST and store nothing through `submit` or `tap`, and why.
OTHERWISE = {
    "accounts": "who may come in at all: below the room of entries, and each safe to repeat",
    "kpm:identity_search": "a search, by POST so that no number stands in an address",
    "kpm:known_already": "looks for what is typed, by POST so that no name or number stands in an address",
    "kpm:identity_reveal": "shows a number; each time is kept in the trail",
    "resources:partner_answer": "a partner without an account: once by its link, with an id of its own",
    "reports:report_list": "many reports at once, each under an id of its own",
    "reports:months_lock": "many months at once, each under an id of its own",
    "reports:targets_decide": "many proposals at once, each under an id of its own",
    "reports:export_cancel": "gives a file up, safe to repeat",
    "reports:export_take": "hands a file out, in its time",
    "entries:held_detail": "a decision, of which the first counts",
    "phone:phone_register": "a key, made on the server; a phone that asks twice has two, of which one ends",
    "phone:phone_open": "the key again, as often as it is asked",
    "phone:phone_hear": "news of a phone, of which the last counts",
    "phone:phone_end": "an end, of which the first counts",
    "phone:send": "many entries at once, each to the address of its own form",
    "phone:backup_upload": "many entries at once, each under an id of its own",
    "roles:commitment_sheet": "hands a file out, as it is kept in the trail",
    "roles:visit_check": "looks at what is typed, by POST so that no words stand in an address",
    "roster:batch_refused": "hands a file out, as it is kept in the trail",
}


def test_every_form_is_stored_in_the_one_way():
    """Every view that takes a POST leads to `submit` or `tap`, in its own module or by a function that it imports."""
    ways = {"submit", "tap", "submit_for_families"}
    astray = set()
    for name, view in views():
        inner = inspect.unwrap(view)
        tree = ast.parse(Path(inspect.getsourcefile(inner)).read_text())
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        if "POST" not in "".join(map(ast.unparse, functions[inner.__name__].decorator_list)):
            continue
        reached, waiting = set(), [inner.__name__]
        while waiting:
            node = functions.get(waiting.pop())
            for one in ast.walk(node) if node else ():
                if isinstance(one, ast.Name) and one.id not in reached:
                    reached.add(one.id)
                    waiting.append(one.id)
        if not reached & ways:
            astray.add(name if name in OTHERWISE else name.partition(":")[0])
    assert astray == OTHERWISE.keys()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_line_of_a_template_can_be_read_in_a_diff(path):
    lines = enumerate(path.read_text().splitlines(), 1)
    assert [number for number, line in lines if len(line) > LONGEST_LINE] == []


def test_every_route_has_a_rule_beside_its_view():
    names = route_names()

    assert len(names) == len(set(names))
    assert set(names) == set(POLICY)


def test_foreign_keys_point_down():
    """A key by name ("app.Model") is an import that import-linter can't see."""
    for model in HOUSE_MODELS:
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and field.related_model._meta.app_label in FLOORS:
                target = field.related_model._meta.app_label
                assert FLOORS.index(target) <= FLOORS.index(model._meta.app_label), f"{model}.{field.name}"


def test_every_model_says_which_of_its_fields_are_personal():
    for model in HOUSE_MODELS:
        if model._meta.auto_created:
            continue
        assert "personal_fields" in vars(model), f"{model} declares no personal_fields"
        names = {field.name for field in model._meta.concrete_fields}
        assert model.personal_fields <= names, model


def test_nothing_is_deleted_by_cascade():
    for model in HOUSE_MODELS:
        if model._meta.auto_created:
            continue
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey):
                assert field.remote_field.on_delete is models.PROTECT, f"{model}.{field.name}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_hold_no_inline_code_and_trust_no_data(path):
    text = path.read_text()

    for forbidden in (
        r"\sstyle=",
        r"\son[a-z]+=",
        r"hx-on",
        r"\|safe\b",
        r"autoescape off",
        r"js:",
        r"javascript:",
    ):
        assert not re.search(forbidden, text), forbidden
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
        parts = [
            (ROOT / "templates" / name).read_text() for name in re.findall(r'{% include "([^"#]+)', form)
        ]
        assert any("{% csrf_token %}" in part for part in [form, *parts])


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_template_is_used(path):
    name = str(path.relative_to(ROOT / "templates"))
    if name in {"400.html", "403.html", "404.html", "500.html", "base.html"}:  # by Django itself, by all
        return
    users = [source for source in [*TEMPLATES, *SOURCES] if source != path and name in source.read_text()]

    assert users, f"{name} is used nowhere"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_python_files_stay_small_and_trust_no_markup(path):
    text = path.read_text()

    assert text.count("\n") <= 500
    assert not re.search(r"mark_safe\(|csrf_exempt|\.extra\(", text) or path == Path(__file__)


def test_scripts_and_styles_stay_small():
    for path in [*(ROOT / "static/js").rglob("*.js"), *(ROOT / "static/css").glob("*.css")]:
        assert path.read_text().count("\n") <= 500, path
        assert "eval(" not in path.read_text(), path


ASSERTING = re.compile(r"raises|expect|django_assert_\w+|assert[A-Z]\w+")


@lru_cache
def functions_of(path):
    """{name: (whether it asserts by itself, the names it calls)} of the functions in a file."""
    found = {}
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef):
            parts = list(ast.walk(function))
            calls = [part.func for part in parts if isinstance(part, ast.Call)]
            names = {getattr(call, "id", getattr(call, "attr", "")) for call in calls}
            asserts = any(isinstance(part, ast.Assert) for part in parts) or any(
                map(ASSERTING.fullmatch, names)
            )
            found[function.name] = (asserts, names)
    return found


def test_every_test_asserts_something():
    """By itself or by a function of the tests that it calls."""
    files = [path for path in SOURCES if path.is_relative_to(ROOT / "tests")]
    checking = {name for path in files for name, (asserts, _) in functions_of(path).items() if asserts}
    idle = [
        f"{path.relative_to(ROOT)}::{name}"
        for path in files
        for name, (asserts, calls) in functions_of(path).items()
        if name.startswith("test_") and not asserts and not calls & checking
    ]
    assert idle == []


def test_only_settings_reads_the_environment():
    for path in SOURCES:
        if path.parent.name in {"tests", "bench"} or "tests" in path.parts or "bench" in path.parts:
            continue
        if path.name in {"settings.py", "wsgi.py"}:
            continue
        assert not re.search(r"os\.(environ\[|environ\.get|getenv)", path.read_text()), path


# Views that can't have the name of their route, and pages that are not the first page of one route.
OTHER_NAMES = {"roles:postpone": "postpone_family"}  # postpone is the operation that it calls
OTHER_PAGES = {
    "accounts:code",
    "accounts:resume",
    "accounts:user_form",
    "desk:household_frame",
    "desk:koordinator",
    "kpm:area_choose",
    "kpm:assessment_closed",
    "kpm:assessment_form",
    "reports:dashboard_admin",
    "reports:office_passphrase",
    "reports:report_form",
    "reports:report_months",
    "resources:partner_form",
    "resources:resource_form",
    "roles:activity_closed",
    "roles:activity_form",
    "roles:trainer_form",
    "roles:training_form",
    "sinergi:programme_form",
    "sinergi:row_form",
}


def test_view_and_route_share_a_name():
    for name, view in views():
        assert view.__name__ == OTHER_NAMES.get(name, name.rpartition(":")[2]), name


def test_page_and_route_share_a_name():
    pages = {
        f"{path.parent.name}:{path.stem}"
        for path in TEMPLATES
        if path.parent.name in settings.HOUSE_APPS and '{% extends "base.html" %}' in path.read_text()
    }

    assert pages - set(route_names()) == OTHER_PAGES


def test_every_app_has_its_line_in_the_readme():
    text = (ROOT / "README.md").read_text()

    for app in settings.HOUSE_APPS:
        assert f"`{app}/`" in text, app
