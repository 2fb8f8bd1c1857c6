"""The forms of the accounts room: what people type about themselves and about the accounts they look after."""

import re
from itertools import groupby
from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from pkh_casework.access import ADMIN, KOORDINATOR
from pkh_casework.forms import CodeField, NumberTextField, Typed
from pkh_casework.unseen import as_number, one_line
from wilayah.models import Wilayah

from . import operations
from .models import User

NOT_KNOWN = (
    "Nama pengguna atau sandi tidak cocok. Periksa lagi, atau minta kode baru kepada koordinator Anda."
)
LOCKED = (
    "Terlalu banyak percobaan dengan sandi yang salah. Tunggu 15 menit, atau minta koordinator membuka kunci "
    "akun Anda sekarang."
)
CODE_REFUSED = (
    "Nama pengguna dan kode tidak cocok, atau kode sudah dipakai atau lewat waktunya. Periksa lagi, atau minta kode "
    "baru kepada koordinator Anda."
)
MOST_CANDIDATES = 8

Level = Wilayah.Level


def name_input():
    return forms.TextInput(
        attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
    )


def password_input(kind):
    """A password box; `kind` is the browser's word for it: current-password or new-password."""
    return forms.PasswordInput(attrs={"autocomplete": kind})


class NameField(CodeField):
    """The name of an account as it is stored: lower case, without the blank that a keyboard puts behind a point."""

    def __init__(self, *, label="Nama pengguna", max_length=150, **kwargs):
        kwargs.setdefault("widget", name_input())
        super().__init__(label=label, max_length=max_length, **kwargs)

    def to_python(self, value):
        return super().to_python(value).lower()


class NewNameField(NameField):
    """The same while it is chosen: a blank between two words is no slip of a keyboard, and the form refuses it."""

    def to_python(self, value):
        text = re.sub(r"(?<=\.) ", "", one_line(value or "")).lower()
        return forms.CharField.to_python(self, text)


def as_password(username, typed):
    """The password of `username` as it was `typed`, but for a blank around it that a keyboard put there: a password that
    has none must not be refused for it, nor count towards the lock.
    """
    bare = typed.strip()
    if bare in {"", typed}:
        return typed
    user = User.objects.filter(username=username).first()
    return bare if user and user.check_password(bare) else typed


class LoginForm(Typed, forms.Form):
    """Username and password, and two things carried along: where to go (`next`) and a kept form (`kept`)."""

    username = NameField()
    password = forms.CharField(label="Sandi", strip=False, widget=password_input("current-password"))
    next = forms.CharField(required=False, widget=forms.HiddenInput)
    kept = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, request, *args, locked=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.locked, self.user = request, locked, None

    def clean(self):
        fields = super().clean()
        if self.locked:
            raise ValidationError(LOCKED, code="locked")
        if "username" in fields and "password" in fields:
            name = fields["username"]
            password = as_password(name, fields["password"])
            self.user = authenticate(self.request, username=name, password=password)
            if self.user is None:
                raise ValidationError(NOT_KNOWN, code="not_known")
        return fields


class NewPasswordMixin(Typed, forms.Form):
    """A new password, typed twice."""

    new_password = forms.CharField(
        label="Sandi baru",
        strip=False,
        widget=password_input("new-password"),
        help_text="Paling sedikit 10 huruf atau angka. Kalimat pendek mudah diingat dan sulit ditebak.",
    )
    repeated = forms.CharField(label="Ulangi sandi baru", strip=False, widget=password_input("new-password"))

    @property
    def owner(self):
        """The User it is for, as far as known."""
        raise NotImplementedError

    def clean_new_password(self):
        validate_password(self.cleaned_data["new_password"], self.owner)
        return self.cleaned_data["new_password"]

    def clean_repeated(self):
        typed = self.cleaned_data.get("new_password")
        if typed is not None and typed != self.cleaned_data["repeated"]:
            raise ValidationError("Kedua sandi belum sama. Ketik sekali lagi.")
        return self.cleaned_data["repeated"]


class ActivationForm(NewPasswordMixin):
    """Opens an account with a one-time code. The code is tried only when everything else is in order."""

    username = NameField()
    code = CodeField(
        label="Kode sekali pakai",
        max_length=20,
        help_text="8 huruf dan angka dari koordinator. Huruf besar atau kecil sama saja.",
        widget=forms.TextInput(
            attrs={
                "class": "input--code",
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )
    field_order = ["username", "code", "new_password", "repeated"]

    @property
    def owner(self):
        return User(username=self.cleaned_data.get("username", ""))

    def clean(self):
        fields = super().clean()
        if not self.errors:
            try:
                operations.redeem_code(fields["username"], fields["code"], fields["new_password"])
            except operations.CodeRefused:
                raise ValidationError(CODE_REFUSED, code="code_refused") from None
            except ValidationError as refused:
                self.add_error("new_password", refused)
        return fields


class OwnPasswordMixin(Typed, forms.Form):
    """Asks for the asker's own password again; wrong ones count towards the lock like those of the login page."""

    password = forms.CharField(
        label="Sandi Anda sekarang", strip=False, widget=password_input("current-password")
    )

    def __init__(self, request, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self):
        name = self.request.user.username
        typed = as_password(name, self.cleaned_data["password"])
        if authenticate(self.request, username=name, password=typed) is None:
            raise ValidationError("Sandi tidak cocok.")
        return typed


class PasswordChangeForm(OwnPasswordMixin, NewPasswordMixin):
    """The own password, replaced by its owner."""

    field_order = ["password", "new_password", "repeated"]

    @property
    def owner(self):
        return self.request.user


class CodeForm(OwnPasswordMixin):
    """Confirms with the asker's own password that a new code is really wanted."""


class AreaCodeField(forms.ChoiceField):
    """The kelurahan and kecamatan under a koordinator's area, grouped by kecamatan; gives the Wilayah back."""

    default_error_messages = {"invalid_choice": "Wilayah ini di luar wilayah tugas Anda."}

    def __init__(self, areas, **kwargs):
        self.by_code = {area.code: area for area in areas.filter(level__gte=Level.KECAMATAN).order_by("code")}
        groups: list[tuple[str, Any]] = [("", "Pilih wilayah")]
        for code, parts in groupby(self.by_code.values(), lambda area: area.code[:6]):
            options = [
                (part.code, part.name if part.level == Level.KELURAHAN else f"Seluruh kecamatan {part.name}")
                for part in parts
            ]
            district = self.by_code.get(code)
            groups.append((f"Kecamatan {district}" if district else "Wilayah Anda", options))
        super().__init__(choices=groups, **kwargs)

    def clean(self, value):
        return self.by_code.get(super().clean(value))


class AreaText(forms.CharField):
    """An area by code or name, for those whose area is too wide for a list; gives the Wilayah back."""

    def __init__(self, areas, **kwargs):
        self.areas = areas.select_related("parent__parent")
        super().__init__(max_length=80, **kwargs)

    def clean(self, value):
        typed = super().clean(value)
        if not typed:
            return None
        code = re.sub(r"[.\s]", "", as_number(typed))
        found = (
            list(self.areas.filter(pk=code))
            if code.isdecimal()
            else list(self.areas.named_like(typed)[: MOST_CANDIDATES + 1])
        )
        whole = [area for area in found if area.name.casefold() == typed.casefold()]
        if len(whole) == 1:
            found = whole
        if not found:
            raise ValidationError(
                "Wilayah tidak ditemukan di wilayah tugas Anda. Tulis kode atau nama lengkapnya."
            )
        if len(found) > 1:
            raise ValidationError(
                ["Ada beberapa wilayah dengan nama itu. Tulis kodenya:", *map(_named, found)]
            )
        return found[0]


def _named(area):
    names = [area.name, *(up.name for up in (area.parent, area.parent and area.parent.parent) if up)]
    return f"{area.code}: {', '.join(names)} ({area.get_level_display()})"


class AccountForm(Typed, forms.ModelForm):
    """What a koordinator or admin may write about an account. Nothing outside `fields` can be set from a request."""

    class Meta:
        model = User
        fields = ["name", "wilayah", "nip", "phone"]

    nip = NumberTextField(
        label="NIP", required=False, max_length=40, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    phone = NumberTextField(
        label="Nomor HP", required=False, max_length=24, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )

    def __init__(self, by, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["wilayah"] = self._area_field()

    def _area_field(self):
        areas = operations.areas_of(self.by)
        if self.by.duty == KOORDINATOR and self.by.wilayah.level >= Level.KOTA:
            return AreaCodeField(areas, label="Wilayah tugas")
        return AreaText(
            areas,
            label="Wilayah tugas",
            required=self.by.duty != ADMIN,
            help_text="Tulis kode atau nama wilayah, misalnya 3273161002 atau Kebon Jayanti.",
        )

    def duty(self):
        """The duty that the account has or is to get; None while it is not chosen."""
        return self.instance.duty

    def clean_nip(self):
        return re.sub(r"[\s.-]", "", self.cleaned_data["nip"])

    def clean_phone(self):
        digits = re.sub(r"[\s().-]", "", self.cleaned_data["phone"])
        if digits and not re.fullmatch(r"\+?[0-9]{8,15}", digits):
            raise ValidationError("Tulis nomor HP dengan angka saja, misalnya 081234567890.")
        return digits

    def clean(self):
        fields = super().clean()
        if self.duty() and "wilayah" in fields:
            problem = operations.placement_problem(self.by, self.duty(), fields["wilayah"])
            if problem:
                self.add_error("wilayah", problem)
        return fields


class NewAccountForm(AccountForm):
    """An account that does not exist yet: username and duty are chosen once, here."""

    class Meta(AccountForm.Meta):
        fields = ["name", "username", "duty", "wilayah", "nip", "phone"]

    username = NewNameField(
        max_length=60,
        help_text="Huruf kecil, angka, dan titik, misalnya siti.aminah.",
        error_messages={"unique": "Nama pengguna ini sudah dipakai. Tambahkan angka atau nama tengah."},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, by, *args, **kwargs):
        super().__init__(by, *args, **kwargs)
        choices = [(duty.value, duty.label.capitalize()) for duty in operations.duties_of(by)]
        self.fields["duty"] = forms.ChoiceField(
            label="Tugas",
            choices=choices,
            widget=forms.RadioSelect,
            error_messages={"invalid_choice": "Tugas ini tidak bisa Anda berikan."},
        )
        self.order_fields(self.Meta.fields)

    def duty(self):
        return self.cleaned_data.get("duty")
