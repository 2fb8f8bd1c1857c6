"""Dated sums that a person fills in: garis kemiskinan and UMK of a kota."""

from datetime import date

from accounts.models import User
from entries.operations import Refused, locked, operation
from kpm.models import Threshold
from wilayah.models import Wilayah


@operation(kind="kpm_ambang", title="Angka kota atau provinsi")
def set_threshold(
    *, by: User, code: str, wilayah: Wilayah, monthly: int, valid_from: date, source: str
) -> Threshold:
    """Give a place a sum that holds from `valid_from` until its next one; the one before ends then and is kept.

    Raises Refused when another sum begins on that day.
    """
    locked(Wilayah.objects, wilayah.pk)
    rows = Threshold.objects.filter(code=code, wilayah=wilayah)
    if rows.filter(valid_from=valid_from).exists():
        raise Refused("Sudah ada angka yang berlaku sejak tanggal itu.", "valid_from")
    before = rows.filter(valid_from__lt=valid_from).order_by("valid_from").last()
    after = rows.filter(valid_from__gt=valid_from).order_by("valid_from").first()
    if before:
        before.valid_to = valid_from
        before.save(update_fields=["valid_to"])
    return Threshold.objects.create(
        code=code,
        wilayah=wilayah,
        monthly=monthly,
        valid_from=valid_from,
        valid_to=after.valid_from if after else None,
        source=source,
    )
