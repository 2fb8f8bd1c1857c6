"""The asker's own account: data, places logged in from, password."""

from django.contrib import auth, messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import operations
from accounts.forms import PasswordChangeForm
from accounts.models import LoginSession
from accounts.sessions import end_sessions, live_sessions
from pkh_casework.access import SIGNED_IN, access


@access(SIGNED_IN)
@require_safe
def profile(request):
    """The own data, the last password reset and the own sessions, each with a button that ends it."""
    return render(
        request,
        "accounts/profile.html",
        {
            "reset": operations.last_reset(request.user),
            "logins": live_sessions(request.user),
            "this_key": request.session.session_key,
        },
    )


@access(SIGNED_IN)
@sensitive_post_parameters("password", "new_password", "repeated")
@require_http_methods(["GET", "HEAD", "POST"])
def password_change(request):
    """Replace the own password; every other session of the account ends."""
    form = PasswordChangeForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        operations.change_own_password(request, form.cleaned_data["new_password"])
        messages.success(request, "Sandi baru tersimpan. Perangkat lain sudah dikeluarkan.")
        return redirect("accounts:profile")
    return render(request, "accounts/password_change.html", {"form": form})


@access(SIGNED_IN)
@require_POST
def session_end(request, pk):
    """End one of the own sessions; ending the present one is logging out."""
    login = get_object_or_404(LoginSession, pk=pk, user=request.user)
    if login.session_key == request.session.session_key:
        auth.logout(request)
        return redirect("accounts:login")
    end_sessions(LoginSession.objects.filter(pk=login.pk))
    messages.success(request, "Perangkat itu sudah dikeluarkan.")
    return redirect("accounts:profile")
