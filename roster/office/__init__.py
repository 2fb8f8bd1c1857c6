"""All that an office owns, out of one installation and into another: a package of tables as CSV and JSON, with a schema.

`tables` says what goes along, `area` narrows it to what one koordinator answers for, `locked` seals the package with a
passphrase, `taking` writes it, `loading` reads it into an installation that is empty.
"""


class OfficeFault(Exception):
    """A package can't be made or taken in; the text says why, in words for who does it."""
