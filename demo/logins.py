"""The demo's logins: public, so a real installation refuses to start while one of them exists."""

from typing import NamedTuple

from pkh_casework.access import ADMIN, KELURAHAN, KOORDINATOR, PENDAMPING

DEMO_PASSWORD = "demo-pkh-2026"  # noqa: S105  public on purpose


class Login(NamedTuple):
    """One demo account; `area` is a code of wilayah or None, `nip` is no number that was ever given out."""

    username: str
    duty: str
    area: str | None
    name: str
    nip: str
    what: str


DEMO_LOGINS = (
    Login(
        "pendamping.kebonjayanti",
        PENDAMPING,
        "3273161002",
        "Rina Marlina",
        "999900000000000001",
        "social worker: today's list, families, visits",
    ),
    Login(
        "pendamping2.kebonjayanti",
        PENDAMPING,
        "3273161002",
        "Dede Kurnia",
        "999900000000000002",
        "a second social worker in the same kelurahan",
    ),
    Login(
        "pendamping.sukapura",
        PENDAMPING,
        "3273161001",
        "Yayah Rokayah",
        "999900000000000003",
        "social worker in the next kelurahan",
    ),
    Login(
        "pendamping.babakansari",
        PENDAMPING,
        "3273161005",
        "Asep Sudrajat",
        "999900000000000004",
        "social worker one kelurahan further",
    ),
    Login(
        "kelurahan.kebonjayanti",
        KELURAHAN,
        "3273161002",
        "Wawan Hermawan",
        "999900000000000005",
        "kelurahan staff: figures without names",
    ),
    Login(
        "koordinator.kiaracondong",
        KOORDINATOR,
        "327316",
        "Euis Komariah",
        "999900000000000006",
        "coordinator of the kecamatan: reports, handovers",
    ),
    Login(
        "koordinator.bandung",
        KOORDINATOR,
        "3273",
        "Tatang Suhendar",
        "999900000000000007",
        "coordinator of the whole city",
    ),
    Login("admin", ADMIN, None, "Nurul Fitria", "", "accounts and master data, no families"),
)
