"""For tests that walk every page and form: somebody of each duty, a family with everything, and the ways to it."""

from django.urls import reverse

from pkh_casework.policy import POLICY
from tests.factories import BANDUNG, KIARACONDONG, UserFactory
from tests.test_access import arguments, make_family, routes

# Rows of a page that a form sends besides its fields, and the fields of forms that have no page of their own.
UNBOUND = ("op_id", "version", "checked", "kpm", "member", "janji", "kembali", "aktif", "password", "kept")


def one_of_each():
    """(what there is of one family, as test_access.make_family gives it; a user of each duty by name)."""
    pendamping = UserFactory()
    users = {
        "anonim": None,
        "pendamping": pendamping,
        "kelurahan": UserFactory(kelurahan=True),
        "koordinator": UserFactory(koordinator=True, wilayah_id=BANDUNG),
        "admin": UserFactory(admin=True),
    }
    return make_family("sendiri", pendamping), users


def open_routes(user):
    """(name, parameters) of the routes behind whose door `user` may come."""
    for name, params in routes():
        rule = POLICY[name]
        if rule.open or (user and user.duty in rule.duties):
            yield name, params


def address_of(name, params, thing):
    """The address of route `name` for `thing`; a koordinator of a wide area gets the form of one kecamatan."""
    url = reverse(name, kwargs=arguments(name, params, thing))
    return f"{url}?di={KIARACONDONG}" if name in {"kpm:household_create", "kpm:group_create"} else url


def as_sent(page):
    """The fields of the form on `page` (a response) as a browser would send them; {} without a form."""
    context = getattr(page, "context", None) or {}
    form = context.get("form") if "form" in context else None
    sent = {bound.html_name: bound.value() for bound in form} if form else {}
    return {name: "" if value in (None, False) else value for name, value in sent.items()}
