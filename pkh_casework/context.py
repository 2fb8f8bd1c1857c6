"""What every page needs besides its own content: the navigation of the asker's duty."""

from django.urls import reverse
from django.utils.crypto import salted_hmac

from .access import ADMIN, KELURAHAN, KOORDINATOR, PENDAMPING

TODAY = ("Hari ini", "desk:today", "calendar-check")
FAMILIES = ("KPM", "kpm:household_list", "users")
LOG = ("Catat", "roles:activity_create", "plus")
RESOURCES = ("Sumber daya", "resources:resource_list", "map-pin")
DASHBOARD = ("Dasbor", "reports:dashboard", "layout-dashboard")
STAFF = ("Petugas", "accounts:user_list", "briefcase")
REPORTS = ("Laporan", "reports:report_list", "file-check")
LOCK = ("Kunci bulan", "reports:months_lock", "lock")
HELD = ("Titipan", "entries:held_list", "inbox")
MORE = ("Lainnya", "desk:more", "ellipsis")

NAVIGATION = {
    PENDAMPING: [TODAY, FAMILIES, LOG, RESOURCES, DASHBOARD, MORE],
    KOORDINATOR: [TODAY, DASHBOARD, FAMILIES, REPORTS, LOCK, HELD, STAFF, RESOURCES, MORE],
    KELURAHAN: [DASHBOARD, RESOURCES, MORE],
    ADMIN: [DASHBOARD, STAFF, MORE],
}
# A phone's bar holds five: what is left out stands in Lainnya.
ONLY_WIDE = {PENDAMPING: {DASHBOARD}, KOORDINATOR: {LOCK, HELD, STAFF, RESOURCES}}


OF_A_FAMILY = ("desk:household_", "desk:family_")
FOR_WORK = "hp"  # a cookie that the page "HP ini" sets: nothing but that


def user_tag(user):
    """Under what a browser keeps what is the user's, without saying who it is."""
    return salted_hmac("draft", str(user.pk), algorithm="sha256").hexdigest()[:16]


def shell(request):
    """Context processor: `nav`, a list of label, url, icon, active, primary (the big button) and wide (not in a
    phone's bar), `user_tag`, under which this browser keeps the user's drafts without saying who it is, and `for_work`,
    whether it is a phone that works without signal.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": []}
    here = request.resolver_match.view_name if request.resolver_match else ""
    return {
        "user_tag": user_tag(user),
        "for_work": user.is_pendamping and FOR_WORK in request.COOKIES,
        "nav": [
            {
                "label": label,
                "url": reverse(route),
                "icon": icon,
                "active": route == here or (route == "kpm:household_list" and here.startswith(OF_A_FAMILY)),
                "primary": (label, route, icon) == LOG,
                "wide": (label, route, icon) in ONLY_WIDE.get(user.duty, ()),
            }
            for label, route, icon in NAVIGATION[user.duty]
        ],
    }
