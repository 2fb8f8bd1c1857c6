"""Case numbers in addresses, so that /kpm/baru/ is never taken for a family, and an old number leads where it went."""

from django.urls import register_converter

from kpm.merged import standing_number
from pkh_casework.fields import read_code


class CaseNumber:
    """`PKH-7F3K2` as people write it: any case, I and L for 1, O for 0. That of a family which was merged stands for the
    family that it is now, so that forms on their way, held ones too, and old addresses arrive there.
    """

    regex = "[Pp][Kk][Hh]-[0-9A-Za-z]{5}"

    def to_python(self, value):
        return standing_number(f"PKH-{read_code(value[4:])}")

    def to_url(self, value):
        return value


register_converter(CaseNumber, "case")
