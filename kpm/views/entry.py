"""What the entry views share: the area a koordinator works in, storing once what was sent, and the words after it."""

from django.contrib import messages
from django.http import Http404

from kpm.operations import ChangedMeanwhile, Refused, newest_receipt
from ledger.models import Receipt
from ledger.operations import MonthLocked, OtherContent, content_hash
from ledger.submission import is_only_shown, mark_of
from pkh_casework.asked import asked_text
from wilayah.models import Wilayah

KECAMATAN = 6
CORRECTED = (
    "Catatan ini sudah dikoreksi di tempat lain sejak halaman ini dibuka. Isian Anda masih ada di sini; "
    "simpan lagi bila yang benar isian Anda."
)

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


def stored(request, form, write):
    """The Receipt of a submission that `write` (of kpm.operations) stored, now or when it was sent before; None for a
    page just opened and for what can't be stored, with the words on the form.
    """
    if request.method != "POST" or is_only_shown(request):
        return None
    sent = mark_of(request)
    if not form.is_valid():
        # What was stored the first time may no longer pass: the family has joined, the pengurus is one already.
        known = {"op_id": form.op_id, "content_hash": content_hash({"sent": sent})}
        return Receipt.objects.filter(author=request.user, **known).first()
    try:
        write(by=request.user, sent=sent, **form.entry())
    except ChangedMeanwhile as changed:
        form.compare(changed.row)
    except Refused as refusal:
        form.refuse(refusal)
    except OtherContent:
        form.already_taken(TAKEN)
    else:
        return Receipt.objects.get(op_id=form.op_id)
    return None


def corrected(request, form, write, *, now):
    """Whether `write` corrected an entry within its days; it is told then, else the words stand on the form. `now` says
    what is stored, for who corrected a version that is not there any more: both are shown, and the next save counts.
    """
    if is_only_shown(request):
        return False
    try:
        receipt = write()
    except Refused as refusal:
        form.add_error(refusal.field, refusal.text)
        return False
    except ChangedMeanwhile as changed:
        form.data = form.data.copy()
        form.data["version"] = newest_receipt(changed.row)
        form.add_error(None, f"{CORRECTED} Yang tersimpan sekarang: {now()}")
        return False
    except MonthLocked:
        form.add_error(None, "Laporan bulan itu sudah dikunci. Minta koordinator membukanya lebih dulu.")
        return False
    except OtherContent:
        form.add_error(
            None, "Perubahan ini sudah dikirim dengan isi lain. Muat ulang halaman untuk melihatnya."
        )
        return False
    words = "Perubahan disimpan. Versi lama tetap ada di riwayat."
    if isinstance(receipt, Receipt):
        words = f"{words} Kode tanda terima {receipt.code}."
    messages.success(request, words, extra_tags=str(form.cleaned_data["op_id"]))
    return True


def thank(request, receipt, words):
    """Tell that the entry arrived, with the short code that people read to each other."""
    messages.success(request, f"{words} Kode tanda terima {receipt.code}.", extra_tags=str(receipt.op_id))
