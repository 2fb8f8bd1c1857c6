"""The area that a new entry of a koordinator is for."""

from django.http import Http404

from pkh_casework.asked import asked_text
from wilayah.models import Wilayah

KECAMATAN = 6


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
