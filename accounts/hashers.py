"""How passwords are stored and which are refused."""

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError


class FieldArgon2(Argon2PasswordHasher):
    """Argon2id at OWASP's 19 MiB, 2 passes, 1 lane: the morning login of forty people fits a small server."""

    time_cost = 2
    memory_cost = 19456
    parallelism = 1


class LocalWordsValidator:
    """Refuse passwords built on words everybody at the office would try first."""

    words = ("pkh", "bansos", "kemensos", "pendamping", "kelurahan", "langkah", "bandung", "kiaracondong")

    def validate(self, password, user=None):
        bare = "".join(character for character in password.lower() if character.isalpha())
        for word in self.words:
            if word in bare and len(bare) - len(word) < 4:
                raise ValidationError(
                    "Sandi ini mudah ditebak karena memakai kata “%(word)s”.", "local_word", {"word": word}
                )

    def get_help_text(self):
        return "Jangan memakai kata yang mudah ditebak, seperti nama program atau wilayah."
