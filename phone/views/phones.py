"""Phones: what a phone asks of the server for itself, the worker's own page of it, and the koordinator's of all."""

from base64 import b64encode

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from entries.answers import under_our_header
from kpm.models import Household
from phone.backup import take_backup
from phone.bundle import app_version
from phone.forms import BackupForm, app_of, news_in, phone_of
from phone.models import LOST, SILENT, Phone
from phone.operations import (
    MOST_PHONES,
    PhoneEnded,
    browser_label,
    end_phone,
    hear_from,
    now_ms,
    open_phone,
    register_phone,
)
from pkh_casework.access import ANYONE, CASE, FIELD, KOORDINATOR, access, only
from pkh_casework.asked import asked_text, way_back
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from pkh_casework.phones import whatsapp_url
from pkh_casework.templatetags.formats import tanggal_relatif

PAGE = 50
ORDER = ["heard_at", "id"]  # the longest silent first
FILTERS = {
    "": "Semua",
    "3": "3 hari",
    "7": "7 hari",
    "menunggu": "Menunggu",
}
COORDINATES = only(KOORDINATOR)


# --- what a phone asks for itself: JSON under our header ------------------------------------------------------------------


@access(FIELD)
@require_POST
def phone_register(request):
    """A key for the phone that asks: 201 {"phone", "key" (base64), "now" (ms)}."""
    browser = browser_label(request.headers.get("User-Agent", ""))
    phone, key = register_phone(
        request.user, browser, app_of(request.POST), session=request.session.session_key
    )
    return _with_key(phone, key, status=201)


@access(FIELD)
@require_POST
def phone_open(request):
    """The key of a phone again, for its user alone: {"phone", "key", "now"}; 410 when there is none any more."""
    try:
        return _with_key(
            *open_phone(
                request.user,
                phone_of(request.POST),
                app_of(request.POST),
                session=request.session.session_key,
            )
        )
    except PhoneEnded:
        return _ended()


@access(FIELD)
@transaction.non_atomic_requests
@require_POST
def phone_hear(request):
    """News of a phone, each time it finds signal: {"state": "ok", "now"}, or 410 as above. One read, at most one write."""
    news = news_in(request.POST)
    try:
        hear_from(request.user, **news._asdict())
    except PhoneEnded:
        return _ended()
    return under_our_header({"state": "ok", "now": now_ms()})


def _with_key(phone, key, *, status=200):
    return under_our_header(
        {"phone": str(phone.pk), "key": b64encode(key).decode(), "now": now_ms()},
        status=status,
    )


def _ended():
    return under_our_header({"state": "ended"}, status=410)


# --- pages ------------------------------------------------------------------------------------------------------------


@access(FIELD)
@require_safe
def phone_here(request):
    """The worker's own page: this phone, of which a script shows the part that holds, and all phones in use."""
    phones = Phone.objects.visible_to(request.user).in_use().defer("key").order_by("-heard_at", "-id")
    context = {"phones": phones, "most": MOST_PHONES}
    return render_page(request, "phone/phone_here.html", context)


@access(ANYONE)
@require_safe
def phone_unlock(request):
    """Where the code of this phone is typed without signal. The same for everybody, so that any phone may keep it."""
    nobody = {"user": AnonymousUser(), "nav": [], "user_tag": "", "messages": []}
    return render_page(request, "phone/phone_unlock.html", nobody)


@access(CASE)
@require_POST
def phone_end(request, pk):
    """End a phone: an own one, or one of the area. A second time changes nothing."""
    phone = get_object_or_404(Phone.objects.visible_to(request.user).select_related("user"), pk=pk)
    if end_phone(phone, by=request.user, but=request.session.session_key):
        whose = "" if phone.user_id == request.user.pk else f" milik {phone.user}"
        messages.success(request, f"{phone.browser}{whose} sudah dihapus. Kuncinya tidak diberikan lagi.")
    else:
        messages.info(request, "HP itu sudah dihapus sebelumnya.")
    return redirect(way_back(request))


@access(COORDINATES)
@require_safe
def phone_list(request):
    """The phones of the area's workers, the longest silent first; `?keadaan=` asks for those that need somebody."""
    chosen = asked_text(request.GET, "keadaan")
    chosen = chosen if chosen in FILTERS else ""
    phones = _narrowed(Phone.objects.visible_to(request.user).in_use(), chosen)
    page = keyset_page(phones.select_related("user__wilayah").defer("key"), request, ORDER, size=PAGE)
    context = {
        "page": page,
        "rows": [(phone, _whatsapp(phone)) for phone in page.rows],
        "app_version": app_version(),
        "filters": FILTERS.items(),
        "chosen": chosen,
        "without": _without_phone(request.user).count() if page.first else 0,
    }
    return render_page(request, "phone/phone_list.html", context, part="phone-rows")


def _narrowed(phones, chosen):
    now = timezone.now()
    if chosen == "menunggu":
        return phones.filter(waiting__gt=0)
    silent = {"3": SILENT, "7": LOST}.get(chosen)
    return phones.filter(heard_at__lt=now - silent) if silent else phones


def _without_phone(user):
    """The workers of the area who accompany families and have no phone in use."""
    families = Household.objects.active().filter(pendamping=OuterRef("pk"))
    phones = Phone.objects.in_use().filter(user=OuterRef("pk"))
    workers = User.objects.visible_to(user).pendamping().filter(is_active=True)
    return workers.filter(Exists(families)).exclude(Exists(phones))


def _whatsapp(phone):
    """The address of a message to the worker, ready to be sent; "" without a number. It says nothing of any family."""
    if not phone.user.phone:
        return ""
    heard = tanggal_relatif(phone.heard_at)
    words = [
        f"Halo {phone.user.name}, HP kerja Anda di Langkah ({phone.browser}) terakhir terhubung {heard}."
    ]
    if phone.waiting:
        words.append(f"Ada {phone.waiting} catatan yang belum terkirim.")
    words.append(
        "Kalau sempat, buka Langkah sebentar di tempat yang ada sinyal. Ada kendala? Kabari saya, nanti kita cari jalannya."
    )
    return whatsapp_url(phone.user.phone, " ".join(words))


@access(COORDINATES)
@transaction.non_atomic_requests
@require_http_methods(["GET", "HEAD", "POST"])
def backup_upload(request):
    """Hand in the file that a phone made of what it could not send. Each entry of it waits in Titipan, or says why not."""
    form = BackupForm(request.POST or None, request.FILES or None, by=request.user)
    if request.method == "POST" and not form.is_bound:
        form = BackupForm({}, by=request.user)
    context = {"form": form}
    if request.method == "POST" and form.is_valid():
        context = {"form": BackupForm(by=request.user), "phone": form.backup.phone}
        context["taken"] = take_backup(form.backup, request)
        context["held"] = sum(one.state == "held" for one in context["taken"])
    return render_page(request, "phone/backup_upload.html", context)
