"""Codes, names of accounts, addresses and numbers of families as they are typed and pasted: a blank that the keyboard put
in, a capital, what hides in a pasted text; no field that looks something up by them refuses it, and none counts it as a
wrong try.
"""

import re

import pytest
from axes.models import AccessAttempt
from django import forms
from django.contrib.auth.hashers import make_password
from django.urls import reverse

from accounts import operations
from accounts.forms import LoginForm
from entries.operations import take_receipt
from pkh_casework.asked import asked_text
from pkh_casework.fields import case_number_of, read_code
from pkh_casework.forms import CaseField, CodeField, MailField, NumberTyped, SiteField
from pkh_casework.ids import uuid7
from pkh_casework.unseen import as_code
from roles.operations.activity import KIND_OF_ENTRY
from tests.factories import ActivityFactory, HouseholdFactory, MemberFactory, UserFactory

from .test_numbers_typed import PROJECT, fields

HIDDEN = ["\u200b", "\u200e", "\ufeff", "\u202a", "\xad"]
BLANKS = [" ", "\xa0", "\t", "\u2007"]
PASSWORD = "kalimat-pendek-2026"


def messy(text):
    """`text` in the ways in which keyboards and clipboards hand it over."""
    middle = len(text) // 2
    for sign in (*HIDDEN, *BLANKS):
        yield f"{text}{sign}"
        yield f"{sign}{text}"
        yield f"{text[:middle]}{sign}{text[middle:]}"
    yield text.capitalize()
    yield text.upper()
    yield text.replace(".", ". ")


@pytest.mark.parametrize("typed", list(messy("siti.aminah")))
def test_a_name_of_an_account_is_read_as_it_was_meant(typed):
    assert LoginForm.base_fields["username"].clean(typed) == "siti.aminah"


@pytest.mark.parametrize("typed", list(messy("7f3k2")))
def test_a_code_is_read_as_it_was_meant(typed):
    assert read_code(typed) == "7F3K2"
    assert (
        case_number_of(typed)
        == case_number_of(f"pkh {typed}")
        == case_number_of(f"PKH-{typed}")
        == "PKH-7F3K2"
    )


@pytest.mark.parametrize("text", ["", "PKH-", "7F3K", "7F3K22", "PKH-7F3K", "pkh-7f3k２２", "√√√√√"])
def test_what_is_no_case_number_is_none(text):
    assert case_number_of(text) == ""


def test_every_field_that_is_looked_up_by_is_of_such_a_kind():
    looked_up = re.compile(
        r"username|code|kode|case|kasus|keluarga|receipt|email|website|phone|nip|nik|no_kk|nisn"
    )
    kinds = (CodeField, CaseField, MailField, SiteField, NumberTyped)
    typed = {
        name: field
        for name, field in fields().items()
        if isinstance(field, forms.CharField)
        and (
            looked_up.search(name.rpartition(".")[2]) or "input--code" in field.widget.attrs.get("class", "")
        )
    }
    assert len(typed) >= 12
    assert [name for name, field in typed.items() if not isinstance(field, kinds)] == []


def test_no_form_makes_such_a_field_by_another_class():
    odd = re.compile(r"forms\.(EmailField|URLField|RegexField|SlugField|UsernameField)\(")
    found = [
        f"{path.relative_to(PROJECT)}: {line.strip()}"
        for path in PROJECT.glob("*/**/*.py")
        if path.relative_to(PROJECT).parts[0] not in {"tests", "bench"} and ".venv" not in path.parts
        for line in path.read_text().splitlines()
        if odd.search(line) and not line.startswith("class ")
    ]
    assert found == []


def test_words_of_an_address_lose_what_hides_in_them():
    for typed in ("\u200bsiti\xa0 aminah\u200e", " siti  aminah\0 "):
        assert asked_text({"q": typed}, "q") == "siti aminah"


def test_mail_and_sites_may_be_pasted():
    assert MailField().clean("\u200bdinas@ contoh.go.id ") == "dinas@contoh.go.id"
    assert SiteField(assume_scheme="https").clean(" https://contoh. id\u200b") == "https://contoh.id"
    assert as_code("\u200e'AB 12 ") == "AB12"


@pytest.mark.django_db
@pytest.mark.parametrize("typed", list(messy("siti.aminah")))
def test_a_blank_of_the_keyboard_opens_the_account_and_is_no_wrong_try(client, typed):
    user = UserFactory(username="siti.aminah", password=make_password(PASSWORD))

    answer = client.post(reverse("accounts:login"), {"username": typed, "password": PASSWORD})

    assert answer.status_code == 302
    assert not operations.is_locked(user)
    assert not AccessAttempt.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("typed", [f"{PASSWORD} ", f" {PASSWORD}", f"{PASSWORD}\xa0"])
def test_a_blank_around_the_password_is_no_wrong_try(client, typed):
    UserFactory(username="siti.aminah", password=make_password(PASSWORD))
    UserFactory(username="ujang", password=make_password(f" {PASSWORD} "))
    for username, password in (("siti.aminah", typed), ("ujang", f" {PASSWORD} ")):
        answer = client.post(reverse("accounts:login"), {"username": username, "password": password})
        assert answer.status_code == 302
        client.logout()
    answer = client.post(reverse("accounts:login"), {"username": "ujang", "password": PASSWORD})
    assert answer.status_code == 200  # who has blanks in a password must type them


@pytest.mark.django_db
def test_an_account_is_opened_with_a_code_in_any_writing(client):
    koordinator = UserFactory(koordinator=True)
    for at, change in enumerate(
        (str.lower, lambda code: f"{code[:4]} {code[4:]}\u200b", lambda code: f" {code} ")
    ):
        user = UserFactory(username=f"baru{at}")
        code = operations.issue_code(user, by=koordinator)
        said = {
            "username": f" Baru{at} ",
            "code": change(code),
            "new_password": PASSWORD,
            "repeated": PASSWORD,
        }
        client.post(reverse("accounts:activate"), said)
        user.refresh_from_db()
        assert user.check_password(PASSWORD)


@pytest.mark.django_db
def test_a_family_is_named_in_any_writing(client):
    pendamping = UserFactory()
    home, other = HouseholdFactory(pendamping=pendamping), HouseholdFactory(pendamping=pendamping)
    person = MemberFactory(household=home)
    client.force_login(pendamping)
    for typed in messy(other.case_number.lower()):
        move = client.get(reverse("kpm:member_move", args=(home.case_number, person.pk)), {"ke": typed})
        assert move.context["target"] == other
        referral = client.get(reverse("resources:referral_create"), {"kpm": typed})
        assert referral.context["household"] == other
        found = client.get(reverse("kpm:household_list"), {"q": typed}).context["page"].rows
        assert other.case_number in {row["case"] for row in found}, typed


@pytest.mark.django_db
def test_a_receipt_is_found_in_any_writing(client, pendamping):
    activity = ActivityFactory(pendamping=pendamping, families=[HouseholdFactory(pendamping=pendamping)])
    said = {"author": pendamping, "kind": KIND_OF_ENTRY, "content": {}, "object_id": activity.pk}
    receipt, _ = take_receipt(op_id=uuid7(), **said)
    client.force_login(pendamping)
    for typed in messy(receipt.code.lower()):
        page = client.get(reverse("entries:held_list"), {"kode": typed})
        assert page.context["found"].receipt == receipt, typed
