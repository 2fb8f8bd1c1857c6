"""For tests that walk every page and form: somebody of each duty, a family with everything, and the ways to it."""

from django.urls import reverse

from pkh_casework.access import may_enter
from tests.canaries import ASKED, make_family
from tests.factories import BANDUNG, UserFactory
from tests.test_access import arguments, room_of, routes

# Rows of a page that a form sends besides its fields, and the fields of forms that have no page of their own.
UNBOUND = (
    "op_id",
    "version",
    "checked",
    "kpm",
    "member",
    "janji",
    "komitmen",
    "tujuan",
    "langkah_tujuan",
    "mitra",
    "outcome",
    "note",
    "kembali",
    "aktif",
    "password",
    "kept",
    "laporan",
    "phone",
    "app",
    "waiting",
    "since",
    "at",
)


def one_of_each():
    """(what there is of one family, as canaries.make_family gives it; a user of each duty by name)."""
    pendamping = UserFactory()
    users = {
        "anonim": None,
        "pendamping": pendamping,
        "kelurahan": UserFactory(kelurahan=True),
        "koordinator": UserFactory(koordinator=True, wilayah_id=BANDUNG),
        "admin": UserFactory(admin=True),
    }
    return make_family("sendiri", pendamping), users


def open_routes(user, room=None):
    """(name, parameters) of the routes (of one room) behind whose door `user` may come."""
    for name, params in routes():
        if may_enter(user, name) and room in {None, room_of(name)}:
            yield name, params


def address_of(name, params, thing):
    """The address of route `name` for `thing`, with what its form needs: the kecamatan that a koordinator of a wide
    area chose, the indicator of a goal.
    """
    return reverse(name, kwargs=arguments(name, params, thing)) + ASKED.get(name, "")


def as_sent(page):
    """The fields of the form on `page` (a response) as a browser would send them; {} without a form."""
    context = getattr(page, "context", None) or {}
    form = context.get("form") if "form" in context else None
    sent = {bound.html_name: bound.value() for bound in form} if form else {}
    return {name: "" if value in (None, False) else value for name, value in sent.items()}
