"""What happens to an account: made, opened by a one-time code, changed, switched off, unlocked."""

import logging
from datetime import timedelta

from axes.models import AccessAttempt
from axes.utils import reset as reset_attempts
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from pkh_casework.access import ADMIN, KELURAHAN, KOORDINATOR, PENDAMPING
from wilayah.models import Wilayah

from .guards import Moving, SwitchingOff, refuse_if_anything
from .models import ActivationCode, CodeRequest, User
from .sessions import end_sessions

log = logging.getLogger(__name__)

FIRST_CODE_LIFE = timedelta(hours=72)
RESET_CODE_LIFE = timedelta(minutes=30)
REQUEST_LIFE = timedelta(hours=24)

Level = Wilayah.Level
AREA_LEVELS = {
    PENDAMPING: {Level.KECAMATAN, Level.KELURAHAN},
    KELURAHAN: {Level.KELURAHAN},
    KOORDINATOR: {Level.PROVINSI, Level.KOTA, Level.KECAMATAN},
    ADMIN: set(),
}


class CodeRefused(Exception):
    """The code does not open the account; why (unknown account, wrong, used, too old, tried too often) stays here."""


def areas_of(user):
    """The areas (Wilayah queryset) in which `user` may give an account its place."""
    if user.duty == ADMIN:
        return Wilayah.objects.all()
    if user.duty == KOORDINATOR:
        return Wilayah.objects.under(user.wilayah_id)
    return Wilayah.objects.none()


def duties_of(user):
    """The duties that `user` may give, in the order of User.Duty."""
    if user.duty == ADMIN:
        return list(User.Duty)
    duties = [User.Duty.PENDAMPING, User.Duty.KELURAHAN]
    return [*duties, User.Duty.KOORDINATOR] if _levels_for(user, KOORDINATOR) else duties


def _levels_for(by, duty):
    """The levels of area in which `by` may place a `duty`; a koordinator's koordinators stand strictly below."""
    if by.duty == ADMIN:
        return AREA_LEVELS[duty]
    highest = by.wilayah.level + (duty == KOORDINATOR)
    return {level for level in AREA_LEVELS[duty] if level >= highest}


def placement_problem(by, duty, area):
    """Why `by` can't place a `duty` in `area` (a Wilayah or None), in words for the page; "" when it is fine."""
    if duty == ADMIN:
        return "Admin bekerja tanpa wilayah. Kosongkan isian ini." if area else ""
    if area is None:
        return "Pilih wilayah tugasnya."
    if not areas_of(by).filter(pk=area.pk).exists():
        return "Wilayah ini di luar wilayah tugas Anda."
    levels = _levels_for(by, duty)
    if area.level not in levels:
        words = " atau ".join(level.label for level in sorted(levels, reverse=True))
        return f"Untuk tugas ini pilih {words}."
    return ""


@transaction.atomic
def create_account(*, by, **fields):
    """Store a new account (`fields` as of User) that nobody can enter yet.

    Returns (user, code): the code opens it once within 72 hours and is never readable again. `by` is None only
    for the very first admin, who then stands as the issuer.
    """
    user = User.objects.create_user(password=None, **fields)
    return user, issue_code(user, by=by or user, life=FIRST_CODE_LIFE)


@transaction.atomic
def change_account(user, *, moved):
    """Store the changed data of `user`; one who `moved` to another area logs in again, with the new scope. Raises
    StandsAgainst when the account would leave something behind.
    """
    if moved:
        _hold(user)
        refuse_if_anything(user, Moving(user.wilayah_id))
    user.save(update_fields=["name", "wilayah", "nip", "phone"])
    if moved:
        end_sessions(user.login_sessions.all())


def issue_code(user, *, by, life=RESET_CODE_LIFE, asked_by=None):
    """A new one-time code for `user`, in the clear; only the newest one counts. Sessions end when it is used."""
    code = ActivationCode.fresh()
    now = timezone.now()
    ActivationCode.objects.create(
        user=user,
        issued_by=by,
        asked_by=asked_by,
        code_hash=ActivationCode.hash_of(code, user.pk),
        issued_at=now,
        expires_at=now + life,
    )
    log.info("code issued: account %s by %s", user.pk, by.pk)
    return code


def needs_two(user):
    """Whether one person alone may not reset the password of `user`: who has it sees a whole area or every account."""
    return user.duty in {KOORDINATOR, ADMIN} and user.has_usable_password()


def open_requests():
    """The CodeRequests that an admin may still answer."""
    return CodeRequest.objects.filter(asked_at__gt=timezone.now() - REQUEST_LIFE)


@transaction.atomic
def code_by_two(user, *, by):
    """The code for an account that `needs_two`, once somebody else asked for it and `by` is an admin; else the
    request of `by` is noted and the answer is None.
    """
    request = open_requests().select_for_update().filter(user=user).first()
    if request and request.asked_by_id != by.pk and by.duty == ADMIN:
        request.delete()
        return issue_code(user, by=by, asked_by=request.asked_by)
    if request is None:
        asked = {"asked_by": by, "asked_at": timezone.now()}
        CodeRequest.objects.update_or_create(user=user, defaults=asked)
        log.info("code asked for: account %s by %s", user.pk, by.pk)
    return None


def open_code(user):
    """The code of `user` that can still be used (ActivationCode), or None."""
    newest = user.codes.order_by("-issued_at", "-pk").first()
    return newest if newest and newest.is_open(timezone.now()) else None


def redeem_code(username, code, password):
    """Set `password` for the account that `code` opens, end its sessions and lift its lock; returns the User.

    Raises CodeRefused (a wrong code costs one of five tries) and ValidationError when the password resembles what is
    known of the account; that costs nothing, since the code was right.
    """
    with transaction.atomic():
        user = _open_account(username, code, password)
    # Raised out here: inside, it would take the counted try back.
    if user is None:
        raise CodeRefused
    return user


def _open_account(username, code, password):
    newest = (
        ActivationCode.objects.select_for_update(of=["self"])
        .select_related("user")
        .filter(user__username=username, user__is_active=True)
        .order_by("-issued_at", "-pk")
        .first()
    )
    now = timezone.now()
    if newest is None or not newest.is_open(now):
        return None
    if not constant_time_compare(newest.code_hash, ActivationCode.hash_of(code, newest.user_id)):
        newest.tries += 1
        newest.save(update_fields=["tries"])
        return None
    user = newest.user
    validate_password(password, user)
    newest.used_at = now
    newest.save(update_fields=["used_at"])
    user.set_password(password)
    user.save(update_fields=["password"])
    end_sessions(user.login_sessions.all())
    unlock(user)
    log.info("code used: account %s", user.pk)
    return user


def last_reset(user, *, after=None):
    """The code that last set the password of `user` (ActivationCode with who gave it), if later than `after`."""
    used = (
        user.codes.filter(used_at__isnull=False).select_related("issued_by", "asked_by").order_by("-used_at")
    )
    return (used.filter(used_at__gt=after) if after else used).first()


def change_own_password(request, password):
    """Set the asker's `password`; this session goes on under a new key, all others end."""
    user, old_key = request.user, request.session.session_key
    user.set_password(password)
    user.save(update_fields=["password"])
    end_sessions(user.login_sessions.exclude(session_key=old_key))
    update_session_auth_hash(request, user)
    user.login_sessions.filter(session_key=old_key).update(session_key=request.session.session_key)


def _hold(user):
    """Hold the account: who gives it something meanwhile waits, and looks at it again (roster.operations)."""
    User.objects.select_for_update(of=["self"], no_key=True).get(pk=user.pk)


@transaction.atomic
def set_active(user, *, active):
    """Switch the account on or off. Off ends its sessions at once and makes its open code useless. Raises StandsAgainst
    when the account would leave something behind.
    """
    if not active:
        _hold(user)
        refuse_if_anything(user, SwitchingOff())
    user.is_active = active
    user.save(update_fields=["is_active"])
    if not active:
        user.codes.filter(used_at=None).update(expires_at=timezone.now())
        end_sessions(user.login_sessions.all())


def is_locked(user):
    """Whether too many wrong passwords keep the account shut right now."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    attempts = AccessAttempt.objects.filter(username=user.username, attempt_time__gte=since)
    failures = attempts.aggregate(total=Sum("failures_since_start"))["total"] or 0
    return failures >= settings.AXES_FAILURE_LIMIT


def unlock(user):
    """Forget the wrong passwords typed for the account, so that its owner may try again."""
    reset_attempts(username=user.username)
