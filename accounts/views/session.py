"""Coming in and going out: login, logout, opening an account with a code, and the answer to too many tries."""

from django.contrib import auth, messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.defaultfilters import date as format_date
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import operations
from accounts.forms import ActivationForm, LoginForm
from accounts.kept import remember_author, unpack
from pkh_casework.access import ANYONE, SIGNED_IN, access


@access(ANYONE)
@sensitive_post_parameters("password", "kept")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request, kept=None):
    """The login page. `kept` is a packed form that met an ended session (accounts.sessions.KeepTypedInput)."""
    if kept is not None:
        return _page(request, LoginForm(request, initial={"kept": kept}), status=401)
    if request.method != "POST":
        if request.user.is_authenticated:
            return HttpResponseRedirect(_wanted(request, request.GET.get("next")))
        return _page(request, LoginForm(request, initial={"next": request.GET.get("next", "")}))
    form = LoginForm(request, request.POST)
    if not form.is_valid():
        return _page(request, form)
    carried = form.cleaned_data["kept"]
    typed = unpack(request, carried) if carried else None
    reset = operations.last_reset(form.user, after=form.user.last_login) if form.user.last_login else None
    if request.user.is_authenticated and request.user != form.user:
        # login() alone would drop the session and leave it in the list of the other's devices.
        auth.logout(request)
    auth.login(request, form.user)
    if reset:
        moment = format_date(timezone.localtime(reset.used_at), "j F Y H:i")
        messages.info(
            request,
            f"Sandi Anda diatur ulang dengan kode dari {reset.issued_by} pada {moment}"
            f"{f', diminta {reset.asked_by}' if reset.asked_by else ''}. "
            "Bila bukan Anda yang meminta, segera hubungi koordinator.",
        )
    wanted = _wanted(request, form.cleaned_data["next"])
    answer = _offer(request, typed) if carried else HttpResponseRedirect(wanted)
    remember_author(answer, request.user)
    return answer


def _page(request, form, status=200):
    return render(
        request, "accounts/login.html", {"form": form, "kept": form["kept"].value() or ""}, status=status
    )


def _offer(request, typed):
    """Show the carried form again, to be sent by its author's own hand; never sent by itself."""
    if typed is None or not typed.fits(request.user):
        messages.warning(
            request,
            "Anda sudah masuk. Catatan yang tadi diketik di ponsel ini tidak bisa disimpan dari akun ini. "
            "Bila itu catatan Anda, catat sekali lagi dari menu.",
        )
        return redirect("/")
    return render(request, "accounts/resume.html", {"kept": typed})


def _wanted(request, address):
    """The page asked for before the login, if it is one of ours; else the front page."""
    ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # Without the slash, redirect() would take it for the name of a route.
    ours = ours and address.startswith("/") and not address.startswith(reverse("accounts:logout"))
    return address if ours else "/"


def locked_out(request, original_response=None, credentials=None):
    """What the throttle answers instead of the page: the login page, saying when it opens again.

    Also reached by a signed-in person who keeps guessing where the own password is asked for: that ends the session.
    """
    if request.user.is_authenticated:
        auth.logout(request)
    typed = request.POST if request.path == reverse("accounts:login") else {}
    return _page(request, LoginForm(request, typed, locked=True), status=429)


@access(SIGNED_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def logout(request):
    """A page that asks, and the POST that ends this session."""
    if request.method != "POST":
        return render(request, "accounts/logout.html")
    auth.logout(request)
    return HttpResponseRedirect(reverse("accounts:login"))


@access(ANYONE)
@sensitive_post_parameters("code", "new_password", "repeated")
@require_http_methods(["GET", "HEAD", "POST"])
def activate(request):
    """Open a new account, or set a forgotten password, with a one-time code."""
    form = ActivationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        messages.success(request, "Sandi Anda sudah tersimpan. Silakan masuk.")
        return redirect("accounts:login")
    return render(request, "accounts/activate.html", {"form": form})
