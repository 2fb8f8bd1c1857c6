"""What a page has to say at the next page ("Tercatat. Kode tanda terima …"): sealed in a cookie, for one login only.

In the session each message would cost two writes of it: one to keep, one to forget. See docs/decisions/0010.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.core import signing
from django.utils.crypto import salted_hmac

SALT = "pkh_casework.said"
NONCE = 12  # bytes


class _Seal:
    """Takes the place of the signer of Django's cookie: nobody reads what it closed, and it opens in one login alone."""

    def __init__(self, request):
        self.request = request

    def sign_object(self, messages, *, serializer, **_):
        """The `messages` as text for a cookie."""
        nonce = os.urandom(NONCE)
        closed = _cipher().encrypt(nonce, serializer().dumps(messages), self._login())
        return signing.b64_encode(nonce + closed).decode()

    def unsign_object(self, text, *, serializer):
        """The messages in `text`. Raises BadSignature when they are those of another login, or altered."""
        try:
            closed = signing.b64_decode(text.encode())
            return serializer().loads(_cipher().decrypt(closed[:NONCE], closed[NONCE:], self._login()))
        except (ValueError, InvalidTag) as error:
            raise signing.BadSignature from error

    def _login(self):
        # The user first: looking who it is tells whether the session is still there.
        return f"{self.request.user.pk} {self.request.session.session_key}".encode()


def _cipher():
    return AESGCM(salted_hmac(SALT, "", algorithm="sha256").digest())


class SealedCookie(CookieStorage):
    """Django's messages in a cookie, sealed instead of signed: they name families, and the phone may not be alone."""

    cookie_name = settings.MESSAGES_COOKIE_NAME

    def __init__(self, request, *args, **kwargs):
        super().__init__(request, *args, **kwargs)
        self.signer = _Seal(request)


class MessageStorage(FallbackStorage):
    """A sealed cookie; what it can't hold, after many entries sent at once, waits in the session."""

    storage_classes = (SealedCookie, SessionStorage)

    def _get(self, *args, **kwargs):
        found = super()._get(*args, **kwargs)
        cookie = self.storages[0]
        if cookie.used:  # of another login, or altered: nothing came of it, and it goes
            self.used = True
            self._used_storages.add(cookie)
        return found
