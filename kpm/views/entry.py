"""What the entry views share: the area a koordinator works in, and the words after saving."""

from django.contrib import messages
from django.http import Http404

from ledger.models import Receipt
from pkh_casework.asked import asked_text
from wilayah.models import Wilayah

KECAMATAN = 6

TAKEN = (
    "Isian ini sudah tersimpan sebelumnya dengan isi lain. Periksa dulu, lalu simpan lagi bila memang baru."
)


def area_of(request):
    """(code, parts): the area that a new entry is for, or the parts to choose from when the asker's is too wide.

    A pendamping's own area; a koordinator of more than a kecamatan names one by `?di=`, step by step.
    """
    own = request.user.wilayah_id
    if request.user.is_pendamping or len(own) >= KECAMATAN:
        return own, []
    code = asked_text(request.GET, "di") or own
    if not code.startswith(own):
        raise Http404("another area")
    area = Wilayah.objects.filter(pk=code).first()
    if area is None:
        raise Http404("no such area")
    return code, [] if len(code) >= KECAMATAN else list(Wilayah.objects.filter(parent=area).order_by("name"))


def made_by(user, op_id):
    """The id of what this op_id made when it was sent before, else None."""
    return Receipt.objects.filter(op_id=op_id, author=user).values_list("object_id", flat=True).first()


def was_sent(user, op_id):
    """Whether an entry under this op_id arrived before."""
    return Receipt.objects.filter(op_id=op_id, author=user).exists()


def thank(request, op_id, words):
    """Tell that the entry arrived, with the short code that people read to each other."""
    receipt = Receipt.objects.get(op_id=op_id)
    messages.success(request, f"{words} Kode tanda terima {receipt.code}.")
