"""Our styles, scripts and pages ask no more than Chrome 88 knows, or do without what it lacks."""

import re

import pytest
from django.conf import settings

from pkh_casework.templatetags.icons import icon, level_picture
from tests.old_browser import MINIMUM, SCRIPTS, SELECTORS, TAGS, as_old, newer, parse

ROOT = settings.BASE_DIR
STYLES = sorted((ROOT / "static/css").glob("*.css"))
SCRIPT_FILES = sorted((ROOT / "static/js").rglob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

# A rule that is dropped whole may only colour or hide: then more is shown, in plainer colours.
COLOURS = re.compile(r"(color|background|border|outline|box-shadow|content|fill|stroke)")
# Declarations that nobody misses, and why.
UNMISSED = {
    "accent-color": "ticks in the browser's own colour",
    "text-wrap": "a heading breaks where it is full",
    "scrollbar-width": "on phones it lies over the page",
    "line-clamp": "with its prefix it is known",
    "print-color-adjust": "with its prefix it is known",
    "container-type": "what measures by it has a size of its own before",
}
# Rules that move something by a few pixels, and why that does no harm.
A_LITTLE_OFF = {
    ".row:not(:has(.row__link))": "more room at the right",
    ".row:has(.row__side .btn)": "the button keeps its distance from the edge",
    ".row:has(.row__side .btn) .row__main > :first-child": "the name stands at the top",
    "@media (forced-colors: active)": "a choice of colours that came in the next version",
}
# Newer words in scripts that stand where their absence is caught.
CAUGHT = {("photos.js", "'from-image'"): "an <img> decodes where this is refused"}


def classes(selector):
    """The classes of what a selector is about, the last in it."""
    return set(re.findall(r"\.([\w-]+)", re.split(r"[\s>+~]+(?![^(]*\))", selector)[-1]))


def other_sides():
    """The classes that rules under `@supports not selector(…)` are about."""
    found = set()

    def walk(rules, *, inside):
        for head, body in rules:
            if body is None:
                continue
            if head.startswith("@"):
                walk(body, inside=inside or head.startswith("@supports not selector("))
            elif inside:
                found.update(re.findall(r"\.([\w-]+)", head))

    for path in STYLES:
        walk(parse(path.read_text()), inside=False)
    return found


def harm(lost, mended):
    """What a person would miss of what an old browser drops."""
    if lost.rule in A_LITTLE_OFF:
        return []
    if not lost.whole:
        names = [one.partition(":")[0].strip() for one in lost.declarations]
        return [name for name in names if name not in UNMISSED and name not in lost.earlier]
    if lost.declarations and classes(lost.rule) and classes(lost.rule) <= mended:
        return []
    shown = [one for one in lost.declarations if one.replace(" ", "") != "display:none"]
    return [one for one in shown if not COLOURS.match(one)] or ([] if lost.declarations else [lost.rule])


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_style_sheet_asks_no_more_than_an_old_browser_knows(path):
    _, lost = as_old(path.read_text())
    mended = other_sides()

    assert [(one.rule, harm(one, mended)) for one in lost if harm(one, mended)] == []


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        ("@layer base { p { color: red; } }", False),
        ("p:has(a) { display: grid; }", False),
        ("p, q::details-content { gap: 4px; }", False),
        ("@container (min-width: 1px) { p { color: red; } }", False),
        ("@supports selector(:has(a)) { p { color: red; } }", False),
        ("@supports not selector(:has(a)) { p { color: red; } }", True),
        ("@media (min-width: 900px) { p { color: red; } }", True),
    ],
)
def test_the_old_browser_drops_whole_rules(css, kept):
    assert ("p {" in as_old(css)[0]) == kept


@pytest.mark.parametrize(
    ("declaration", "kept"),
    [
        ("height: 100dvh", False),
        ("font-size: clamp(1rem, 14.5cqi, 2rem)", False),
        ("color: color-mix(in srgb, red, blue)", False),
        ("overflow: clip", False),
        ("display: flex; justify-content: end", False),
        ("display: grid; justify-content: end", True),
        ("inset: 0", True),
        ("aspect-ratio: 1", True),
    ],
)
def test_the_old_browser_drops_declarations(declaration, kept):
    text, lost = as_old(f"p {{ {declaration}; }}")

    assert (not lost) == kept
    assert (declaration.split("; ")[-1] in text) == kept


@pytest.mark.parametrize(
    "css",
    [
        ".a:has(b) { display: grid; }",
        ".a { width: 50cqi; }",
        ".a { display: flex; align-items: end; }",
        "@layer a { b { color: red; } }",
        ".a { b { color: red; } }",
    ],
)
def test_a_new_feature_without_another_side_is_told(css):
    assert any(harm(one, set()) for one in as_old(css)[1])


@pytest.mark.parametrize(
    "css",
    [
        ".a:has(b) { display: none; }",
        ".a:has(b) { border-color: red; }",
        ".a { width: 50px; width: 50cqi; }",
        ".a { accent-color: red; }",
    ],
)
def test_a_new_feature_that_nobody_misses_is_not(css):
    assert not any(harm(one, set()) for one in as_old(css)[1])


def test_nothing_is_excused_that_is_not_there():
    lost = [one for path in STYLES for one in as_old(path.read_text())[1]]
    names = {one.partition(":")[0].strip() for each in lost for one in each.declarations}

    assert set(A_LITTLE_OFF) <= {one.rule for one in lost}
    assert set(UNMISSED) <= names
    for name, piece in CAUGHT:
        assert piece in (ROOT / "static/js" / name).read_text()


def code(script):
    return re.sub(r"(?m)(^|\s)//.*$", "", script)


@pytest.mark.parametrize("path", SCRIPT_FILES, ids=lambda path: path.name)
def test_a_script_asks_no_more_than_an_old_browser_knows(path):
    text = code(path.read_text())
    for name, piece in CAUGHT:
        if name == path.name:
            text = text.replace(piece, "")

    assert [piece for piece in SCRIPTS if newer(text, {piece: SCRIPTS[piece]})] == []
    for selector in re.findall(r"(?:querySelector(?:All)?|closest|matches)\((['`].*?['`])\)", text):
        assert not newer(selector, SELECTORS), selector


@pytest.mark.parametrize(
    "script", ["rows.replaceChildren(a);", "list.at(-1)", "structuredClone(a)", "new FormData(form, button)"]
)
def test_a_newer_word_in_a_script_is_told(script):
    assert newer(code(script), SCRIPTS)
    assert not newer(code(f"// {script}"), SCRIPTS)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_asks_no_more_and_every_drawing_has_a_size(path):
    text = path.read_text()

    assert not newer(text, TAGS)
    for drawing in re.findall(r"<svg\b[^>]*>", text):
        assert re.search(r"\swidth=", drawing) and re.search(r"\sheight=", drawing), drawing


def test_icons_and_pictures_have_a_size():
    for drawing in (icon("check"), icon("check", "Sudah"), level_picture("A1", 2)):
        assert re.match(r'<svg class="[^"]+" width="\d\d" height="\d\d"', drawing)


def test_the_minimum_is_told_where_people_look(client, db):
    words = f"Chrome {MINIMUM}"

    assert words in client.get("/masuk/").content.decode()
    assert words in (ROOT / "README.md").read_text()
    assert words in (ROOT / "docs/panduan/01-masuk.md").read_text()
