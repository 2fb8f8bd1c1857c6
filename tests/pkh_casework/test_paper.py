"""Every paper prints any text, and is read out by a screen reader."""

import io
import re

import pikepdf
import pypdfium2
import pytest
import typst
from django.conf import settings as settings_module
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from outloud import check

from pkh_casework import pdf as pdf_module
from pkh_casework.fonts.make import SIGNS, covered
from pkh_casework.letters import BOX, FONTS, on_paper
from pkh_casework.pdf import ROOT, make_pdf
from tests.papers import EXAMPLES, WORDS, filled, templates

MOMENT_PRINTED = re.compile(
    r"(date_format|time_format)\(\s*[\w.]*(_at|now\(\))\b|_at\.(strftime|isoformat|date)\("
)
SAID = {
    "emoji": "Alhamdulillah 😀👍🏽 keluarga 👨‍👩‍👧 🇮🇩 1️⃣ ❤️",
    "Javanese": "ꦱꦸꦒꦼꦁꦫꦮꦸꦃ ꦏꦁꦩꦱ꧀",
    "Sundanese": "ᮞᮙ᮪ᮕᮥᮛᮞᮥᮔ᮪",
    "Balinese": "ᬒᬁᬲ᭄ᬯᬲ᭄ᬢ᭄ᬬᬲ᭄ᬢᬸ",
    "Batak": "ᯂᯬᯒᯘ᯲",
    "Bugis": "ᨔᨗᨑᨗ",
    "Rejang": "ꤰꤱꤲ",
    "Jawi": "سورت ڤرڽاتاءن ڠڤݢچ",
    "Chinese": "你好，我家有三个人",
    "Japanese": "ありがとう テスト",
    "Tamil": "வணக்கம்",
    "ornate": "𝓐𝓵𝓱𝓪𝓶𝓭𝓾𝓵𝓲𝓵𝓵𝓪𝓱 ﬁ ①",
    "unseen": "\ufeffSiti\u202e\u200e Aminah\x00\x07",
}


def text_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def outside(pdf):
    """The letters that lie beyond the edge of their page."""
    found = []
    for page in pypdfium2.PdfDocument(pdf):
        width, height = page.get_size()
        text = page.get_textpage()
        for at in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(at)
            if right > width + 1 or left < -1 or top > height + 1 or bottom < -1:
                found.append(text.get_text_range(at, 1))
    return [sign for sign in found if sign.strip()]


def findings(pdf, tmp_path):
    """What the validator holds against a PDF, as (rule, words)."""
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf)
    told = check(str(path), layers=["conformance"])
    assert told.error is None and told.stats["pages"]
    # It does not count a cell that reaches down at the end of a row; `faulty_tables` does.
    return [
        (one.rule, one.message) for one in told.findings if one.severity == "error" and one.rule != "TBL-004"
    ]


def faulty_tables(pdf):
    """For each table without headings, or whose rows do not cover the same columns: how many each row covers."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        tables = [one for one in elements(document.Root.StructTreeRoot) if one.S == "/Table"]
        tables = [(rows_of(one), any(cell.S == "/TH" for cell in elements(one))) for one in tables]
    found = []
    for rows, has_head in tables:
        reach, widths = [], []  # how many rows further each cell of the rows before reaches
        for row in rows:
            reach = [(wide, left - 1) for wide, left in reach if left > 1]
            carried = sum(wide for wide, _ in reach)
            widths.append(carried + sum(wide for wide, _ in row))
            reach += [cell for cell in row if cell[1] > 1]
        if len(set(widths)) > 1 or not has_head:
            found.append(widths)
    return found


def elements(node):
    kids = node.get("/K")
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def rows_of(table):
    return [
        [
            (span(cell, "/ColSpan"), span(cell, "/RowSpan"))
            for cell in elements(row)
            if cell.S in ("/TH", "/TD")
        ]
        for row in elements(table)
        if row.S == "/TR"
    ]


def span(cell, name):
    told = cell.get("/A", [])
    return next(
        (int(one[name]) for one in (told if isinstance(told, pikepdf.Array) else [told]) if name in one), 1
    )


def test_every_template_has_an_example():
    assert templates() == sorted(EXAMPLES)


@pytest.mark.parametrize("words", SAID.values(), ids=SAID)
def test_scripts_of_indonesia_and_emoji_have_signs(words):
    assert on_paper([words])[1] == 0
    for template, data in EXAMPLES.items():
        assert "huruf tidak dapat dicetak" not in text_of(make_pdf(template, filled(data, words))), template


@pytest.mark.parametrize("template", EXAMPLES)
def test_what_has_no_sign_is_a_box_and_told(template):
    read = text_of(make_pdf(template, filled(EXAMPLES[template], "a\U00016f00\u0378b")))
    assert f"a{BOX}{BOX}b" in read
    assert "huruf tidak dapat dicetak dan tampil sebagai" in read


@pytest.mark.parametrize("template", EXAMPLES)
@pytest.mark.parametrize(
    "words", ["q" * 10_000, "kata " * 400, "a\n" * 200], ids=["no blank", "long", "lines"]
)
def test_a_long_text_stays_on_the_page(template, words):
    # A name or address holds a line, the words of a person as many as they like.
    data = filled(EXAMPLES[template], lambda text: words if text == WORDS else words[:120].replace("\n", " "))
    assert outside(make_pdf(template, data)) == []


@pytest.mark.parametrize("template", EXAMPLES)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.text(st.characters(codec=None), max_size=40), min_size=1, max_size=6))
def test_any_text_prints(template, words, monkeypatch):
    monkeypatch.setattr(
        pdf_module.log, "error", pytest.fail
    )  # the plainer second try is for what nobody foresaw
    said = iter(words * 200)
    pdf = make_pdf(template, filled(EXAMPLES[template], lambda text: next(said)))
    assert len(pypdfium2.PdfDocument(pdf))


@pytest.mark.parametrize("template", EXAMPLES)
def test_no_text_is_read_as_typst(template):
    markup = '*a* #panic("x") $x$ _b_ "); #let #pagebreak() @c <d> https://e.id // f = G [h] \\ #sys.inputs'
    read = "".join(text_of(make_pdf(template, filled(EXAMPLES[template], markup))).split())
    assert '#panic("x")$x$_b_");#let#pagebreak()@c<d>https://e.id//f=G[h]\\#sys.inputs' in read


def test_a_paper_that_fails_for_its_signs_is_made_plainly(monkeypatch):
    monkeypatch.setattr(
        pdf_module,
        "on_paper",
        lambda data, plainly=False: on_paper(data, plainly=True) if plainly else (data, 0),
    )
    read = text_of(
        make_pdf("resources/referral.typ", filled(EXAMPLES["resources/referral.typ"], "a\U00016f00\uffffb"))
    )
    assert f"a{BOX}b" in read


@pytest.mark.parametrize("words", [None, *SAID.values()], ids=["as it is", *SAID])
@pytest.mark.parametrize("template", EXAMPLES)
def test_papers_hold_to_pdf_ua(template, words, tmp_path):
    pdf = make_pdf(template, filled(EXAMPLES[template], words or (lambda text: text)))
    assert findings(pdf, tmp_path) == []
    assert faulty_tables(pdf) == []


def test_the_validator_sees_what_is_missing(tmp_path):
    """Against its own silence: each of these takes away one thing that PDF/UA asks for."""
    whole = make_pdf("reports/rhk.typ", EXAMPLES["reports/rhk.typ"])

    def changed(change):
        with pikepdf.open(io.BytesIO(whole)) as document:
            change(document)
            out = io.BytesIO()
            document.save(out)
        return out.getvalue()

    def without(change):
        return {rule for rule, _ in findings(changed(change), tmp_path)}

    def blind(document):
        for one in elements(document.Root.StructTreeRoot):
            if one.S == "/Figure":
                del one["/Alt"]

    def headless(document):
        for one in elements(document.Root.StructTreeRoot):
            if one.S == "/TH":
                one.S = pikepdf.Name.TD

    def unmapped(document):
        for number in range(1, len(document.objects)):
            one = document.objects[number]
            if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/Font" and "/ToUnicode" in one:
                del one["/ToUnicode"]

    def untitled(document):
        document.Root.ViewerPreferences.DisplayDocTitle = False

    assert without(lambda document: None) == set()
    assert "FIG-001" in without(blind)
    assert faulty_tables(changed(headless))
    assert without(unmapped) & {"TXT-002", "TXT-003"}
    assert "DOC-011" in without(untitled)
    assert "DOC-013" in without(lambda document: document.Root.__delitem__("/Lang"))
    assert "DOC-002" in without(lambda document: document.Root.__delitem__("/StructTreeRoot"))


def test_the_list_of_signs_is_that_of_the_fonts():
    assert SIGNS.read_text(encoding="ascii") == covered()


def test_fonts_are_named_with_their_licence_and_stay_small():
    told = (FONTS / "README.md").read_text(encoding="utf-8")
    assert "SIL Open Font License" in told and (FONTS / "OFL.txt").exists()
    families = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    ).families()
    paper = (ROOT / "shared" / "paper.typ").read_text(encoding="utf-8")
    for family in families:
        assert family.removeprefix("Noto Sans ").removeprefix("Noto Serif ").removeprefix("Noto ") in told
        assert f'"{family}"' in paper
    assert sum(path.stat().st_size for path in FONTS.glob("*.[ot]tf")) < 6_000_000


def test_no_moment_is_printed_in_utc():
    """`date_format` prints a moment as it is stored, in UTC: whoever prints one takes its local day first."""
    apps = {path.parent for path in settings_module.BASE_DIR.glob("*/apps.py")}
    code = [path for app in apps for path in app.rglob("*.py")]
    found = [str(path) for path in code if MOMENT_PRINTED.search(path.read_text(encoding="utf-8"))]
    assert len(code) > 300 and found == []
