"""Where the demo's families live: RW, RT, addresses and points of three kelurahan."""

from decimal import Decimal

from .wording import texts

# Degrees from the middle of a kelurahan to its edge: Kebon Jayanti measures 27 hectares.
REACH = Decimal("0.0024")
FIRST_AREA = "3273161002"
KAMPUNG = ("Cikapundung", "Babakan Tengah", "Cibatu")


def spread(rng, area, rws, count):
    """RT and RW of `count` families in `rws` (a range) of kelurahan `area`, sorted; no RT stays empty if it can be."""
    doors = [(rw, rt) for rw in rws for rt in range(1, texts("tempat")[area]["rt_per_rw"][rw - 1] + 1)]
    extra = [rng.choice(doors) for _ in range(count - len(doors))]
    return sorted((doors + extra)[:count])


def address(rng, area, rw, rt):
    """A street and house number: two lanes to an RW, so that neighbours share one."""
    lanes = texts("tempat")[area]["jalan"]
    lane = lanes[(rw * 2 + rt % 2) % len(lanes)]
    number = rng.randint(1, 98)
    return f"{lane} No. {number}{rng.choice(['', '', '', 'A', 'B'])}"


def point(rng, wilayah, rw):
    """Latitude and longitude near the middle of the kelurahan, or (None, None) for the half never measured."""
    if wilayah.latitude is None or rng.random() < 0.5:
        return None, None
    row, column = divmod(rw - 1, 4)

    def near(middle, step):
        offset = REACH * (Decimal(step) / 2 - 1) + REACH * Decimal(str(round(rng.uniform(-0.2, 0.2), 4)))
        return (middle + offset).quantize(Decimal("0.000001"))

    return near(wilayah.latitude, row), near(wilayah.longitude, column)


def school(rng, area, component):
    """A school of the level `component` (sd, smp, sma) in the area."""
    return rng.choice(texts("tempat")[area][component])


def leave_unnumbered(families):
    """Tell a few homes by their kampung alone, as where a card says 000/000: every 41st of `families` beyond the first
    kelurahan.
    """
    for number, family in enumerate(families):
        row = family.row
        if row.wilayah_id != FIRST_AREA and number % 41 == 7:
            row.dusun, row.rt, row.rw = f"Kampung {KAMPUNG[row.rw % len(KAMPUNG)]}", None, None


def phone(number):
    """The phone number of the demo's family `number`; every fourth has none. Such mobile numbers do not exist."""
    return "" if number % 4 == 3 else f"+6280000{number:05d}"
