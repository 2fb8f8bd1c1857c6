"""The accounts that a koordinator or admin looks after."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.db.models.functions import Left
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import operations
from accounts.forms import AccountForm, CodeForm, NewAccountForm
from accounts.guards import StandsAgainst
from accounts.models import User
from pkh_casework.access import ADMIN, KOORDINATOR, access, only
from pkh_casework.asked import asked_number, asked_text
from pkh_casework.htmx import render_page
from wilayah.models import LEVEL_BY_LENGTH, Wilayah

PAGE = 50
MORE = "staff-rows"


@access(only(KOORDINATOR, ADMIN))
@require_safe
def user_list(request):
    """The accounts of the asker's area, by name; `q`, `tugas`, `wilayah` narrow them, `sesudah` pages on."""
    everyone = User.objects.visible_to(request.user)
    areas = _parts_with_staff(request.user, everyone)
    words, duty, area = (asked_text(request.GET, name) for name in ("q", "tugas", "wilayah"))
    officers = everyone
    if words:
        officers = officers.filter(Q(name__icontains=words) | Q(username__icontains=words))
    if duty in User.Duty.values:
        officers = officers.filter(duty=duty)
    if area in {part.code for part in areas}:
        officers = officers.filter(wilayah__code__startswith=area)
    rows = _page_after(officers, everyone, asked_number(request.GET, "sesudah"))
    chosen = {"q": words, "tugas": duty, "wilayah": area}
    more = len(rows) > PAGE
    return render_page(
        request,
        "accounts/user_list.html",
        {
            "officers": rows[:PAGE],
            "next_url": f"?{urlencode({**chosen, 'sesudah': rows[PAGE - 1].pk})}" if more else "",
            "areas": areas,
            "duties": User.Duty.choices,
            "chosen": chosen,
            "narrowed": any(chosen.values()),
            "requests": _requests_for(request.user),
        },
        part=MORE if request.htmx.target == MORE else "staff-list",
    )


def _requests_for(user):
    """The requests for a code that wait for `user`: an admin's are those that somebody else made for somebody else."""
    if user.duty != ADMIN:
        return []
    waiting = operations.open_requests().exclude(asked_by=user).exclude(user=user)
    return list(waiting.select_related("user", "asked_by").order_by("asked_at"))


def _page_after(officers, everyone, pk):
    """One row more than a page of `officers` after account `pk`; its name is looked up, so that no address holds it."""
    last = everyone.filter(pk=pk).first() if pk else None
    if last:
        officers = officers.filter(Q(name__gt=last.name) | Q(name=last.name, pk__gt=last.pk))
    return list(officers.select_related("wilayah__parent")[: PAGE + 1])


def _parts_with_staff(user, everyone):
    """The areas one step below the asker's in which somebody works; for an admin every kabupaten/kota."""
    lengths = sorted(LEVEL_BY_LENGTH)
    own = len(user.wilayah_id or "")
    length = 4 if user.duty == ADMIN else next((longer for longer in lengths if longer > own), lengths[-1])
    codes = everyone.filter(wilayah__isnull=False).annotate(part=Left("wilayah_id", length)).values("part")
    return list(
        Wilayah.objects.filter(code__in=codes.distinct(), level=LEVEL_BY_LENGTH[length]).order_by("name")
    )


@access(only(KOORDINATOR, ADMIN, keeps_input=True))
@require_http_methods(["GET", "HEAD", "POST"])
def user_create(request):
    """Make an account; the answer shows its activation code this one time."""
    form = NewAccountForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        officer, code = operations.create_account(by=request.user, **form.cleaned_data)
        return _show_code(request, officer, code, first=True)
    return render(request, "accounts/user_form.html", {"form": form})


def _show_code(request, officer, code, *, first):
    # Straight from the POST: a redirect would need the code in the session or in an address.
    return render(
        request,
        "accounts/code.html",
        {"officer": officer, "code": f"{code[:4]} {code[4:]}", "first": first, "host": request.get_host()},
    )


@access(only(KOORDINATOR, ADMIN))
@require_safe
def user_detail(request, pk):
    """One account of the asker's area, and what may be done with it."""
    officer = get_object_or_404(
        User.objects.visible_to(request.user).select_related("wilayah__parent__parent"), pk=pk
    )
    return _detail(request, officer, CodeForm(request))


def _detail(request, officer, code_form):
    return render(
        request,
        "accounts/user_detail.html",
        {
            "officer": officer,
            "manageable": User.objects.manageable_by(request.user).filter(pk=officer.pk).exists(),
            "locked": operations.is_locked(officer),
            "waiting_code": operations.open_code(officer),
            "reset": operations.last_reset(officer),
            "needs_two": operations.needs_two(officer),
            "asked": operations.open_requests().filter(user=officer).select_related("asked_by").first(),
            "code_form": code_form,
        },
    )


def _managed(request, pk):
    """The account `pk`, if the asker may change it; else 404."""
    return get_object_or_404(
        User.objects.manageable_by(request.user).select_related("wilayah__parent__parent"), pk=pk
    )


@access(only(KOORDINATOR, ADMIN, keeps_input=True))
@require_http_methods(["GET", "HEAD", "POST"])
def user_edit(request, pk):
    """Correct the data of an account, or move it to another area."""
    officer = _managed(request, pk)
    area_before = officer.wilayah_id
    form = AccountForm(request.user, request.POST or None, instance=officer)
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_account(form.save(commit=False), moved=officer.wilayah_id != area_before)
        except StandsAgainst as refused:
            form.add_error("wilayah", str(refused))
        else:
            messages.success(request, "Data petugas tersimpan.")
            return redirect("accounts:user_detail", pk=officer.pk)
    return render(request, "accounts/user_form.html", {"form": form, "officer": officer})


@access(only(KOORDINATOR, ADMIN))
@sensitive_post_parameters("password")
@require_POST
def user_code(request, pk):
    """Give a new one-time code for an account, after the asker's own password; shown this one time.

    For a koordinator or an admin the first who asks only asks; the code is shown to the admin who answers.
    """
    officer = _managed(request, pk)
    form = CodeForm(request, request.POST)
    if not officer.is_active:
        messages.error(request, "Akun ini nonaktif. Aktifkan dulu, baru buat kode.")
        return redirect("accounts:user_detail", pk=officer.pk)
    if not form.is_valid():
        return _detail(request, officer, form)
    if operations.needs_two(officer):
        code = operations.code_by_two(officer, by=request.user)
    else:
        code = operations.issue_code(officer, by=request.user)
    if code is None:
        messages.info(request, "Permintaan kode tercatat. Kode dibuat setelah admin lain menyetujuinya.")
        return redirect("accounts:user_detail", pk=officer.pk)
    return _show_code(request, officer, code, first=False)


@access(only(KOORDINATOR, ADMIN))
@require_POST
def user_disable(request, pk):
    """Switch an account on (`aktif=1`) or off (anything else); off ends its sessions at once."""
    officer = _managed(request, pk)
    active = request.POST.get("aktif") == "1"
    try:
        operations.set_active(officer, active=active)
    except StandsAgainst as refused:
        messages.error(request, str(refused))
        return redirect("accounts:user_detail", pk=officer.pk)
    if active:
        messages.success(request, f"Akun {officer} aktif lagi.")
    else:
        messages.success(request, f"Akun {officer} nonaktif dan sudah dikeluarkan dari semua perangkat.")
    return redirect("accounts:user_detail", pk=officer.pk)


@access(only(KOORDINATOR, ADMIN))
@require_POST
def user_unlock(request, pk):
    """Forget the wrong passwords of an account, so that its owner need not wait."""
    officer = _managed(request, pk)
    operations.unlock(officer)
    messages.success(request, f"Kunci akun {officer} sudah dibuka.")
    return redirect("accounts:user_detail", pk=officer.pk)
