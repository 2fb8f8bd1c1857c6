"""Where a family of a file lives and who accompanies it: names with slips, matched within the importer's own area."""

import re
from collections import defaultdict
from difflib import get_close_matches

from accounts.models import User
from wilayah.models import Wilayah, search_form

from .cells import Fault, plain

CLOSE = 0.78  # "Kebon Jayant1", "Kb Jayanti"; not "Kebon Kangkung" for "Kebon Waru"
MOST_KEPT = 5_000
BEFORE_A_NAME = re.compile(
    r"^(?:kelurahan|kel|desa|ds|kecamatan|kec|kota|kab|kabupaten)\b[.\s]*", re.IGNORECASE
)
CODE = re.compile(r"[\d.]{10,13}")


class Areas:
    """The kelurahan under one area, found by name, or by code: `find(kelurahan, kecamatan)`."""

    def __init__(self, within):
        self.names, self.kecamatan = defaultdict(list), {}
        under = Wilayah.objects.under(within)
        for code, name in under.kelurahan().values_list("code", "search_name"):
            self.names[name].append(code)
        self.titles = dict(under.kelurahan().values_list("code", "name"))
        for code, name in under.filter(level=Wilayah.Level.KECAMATAN).values_list("code", "search_name"):
            self.kecamatan.setdefault(name, code)
        self.kept = {}

    def find(self, kelurahan, kecamatan=""):
        """(code, words): the kelurahan that the two cells name, "" when they say nothing, and what it was read as when
        it was written otherwise. Raises Fault.
        """
        asked = (plain(kelurahan), plain(kecamatan))
        if asked not in self.kept:
            if len(self.kept) >= MOST_KEPT:
                self.kept.clear()
            try:
                self.kept[asked] = self._find(*asked)
            except Fault as fault:
                self.kept[asked] = fault
        answer = self.kept[asked]
        if isinstance(answer, Fault):
            raise answer
        return answer

    def _find(self, kelurahan, kecamatan):
        if not kelurahan:
            return "", ""
        if CODE.fullmatch(kelurahan):
            code = kelurahan.replace(".", "")
            if code not in self.titles:
                raise Fault(f"Kode kelurahan {kelurahan} tidak ada di wilayah Anda.")
            return code, ""
        within = self._kecamatan(kecamatan) if kecamatan else ""
        names = {
            name: [code for code in codes if code.startswith(within)] for name, codes in self.names.items()
        }
        names = {name: codes for name, codes in names.items() if codes}
        name = _closest(kelurahan, names)
        if name is None:
            raise Fault(f"Kelurahan “{kelurahan[:40]}” tidak ada di wilayah Anda.")
        if len(names[name]) > 1:
            raise Fault(
                f"Ada {len(names[name])} kelurahan bernama “{kelurahan[:40]}”. Tambahkan kolom kecamatan."
            )
        code = names[name][0]
        exact = search_form(BEFORE_A_NAME.sub("", kelurahan)) == name
        return code, "" if exact else f"{kelurahan[:40]} dibaca sebagai {self.titles[code]}"

    def _kecamatan(self, text):
        name = _closest(text, self.kecamatan)
        if name is None:
            raise Fault(f"Kecamatan “{text[:40]}” tidak ada di wilayah Anda.")
        return self.kecamatan[name]


def _closest(text, names):
    wanted = search_form(BEFORE_A_NAME.sub("", text))
    if not wanted or wanted in names:
        return wanted if wanted in names else None
    found = get_close_matches(wanted, names, n=1, cutoff=CLOSE)
    return found[0] if found else None


class Holders:
    """The active pendamping whom the importer may give families to, found by user name, name or NIP."""

    def __init__(self, user):
        people = User.objects.visible_to(user).pendamping().filter(is_active=True)
        self.by_word, self.names, self.kept = defaultdict(set), {}, {}
        for pk, username, name, nip in people.values_list("pk", "username", "name", "nip"):
            self.names[pk] = name
            for word in filter(None, (username.lower(), search_form(name), nip)):
                self.by_word[word].add(pk)

    def find(self, cell):
        """(id, words): the pendamping whom a cell names, None when it says nothing, and who it was read as when it was
        written otherwise. Raises Fault.
        """
        text = plain(cell)
        if not text:
            return None, ""
        if text not in self.kept:
            self.kept[text] = self._find(text)
        found, is_slip = self.kept[text]
        if len(found) != 1:
            raise Fault(
                f"Pendamping “{text[:40]}” belum punya akun aktif di wilayah Anda."
                if not found
                else f"Ada {len(found)} pendamping bernama “{text[:40]}”. Tulis nama penggunanya."
            )
        (holder,) = found
        return holder, f"{text[:40]} dibaca sebagai {self.names[holder]}" if is_slip else ""

    def _find(self, text):
        """(ids of whom a text may name, whether it is written otherwise). A number in it is no slip."""
        asked = search_form(text)
        if found := self.by_word.get(text.lower()) or self.by_word.get(asked):
            return found, False
        words = [word for word in self.by_word if _digits(word) == _digits(asked)]
        close = get_close_matches(asked, words, n=1, cutoff=0.9)
        return (self.by_word[close[0]], True) if close else (set(), False)


def _digits(text):
    return "".join(filter(str.isdigit, text))
