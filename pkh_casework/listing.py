"""What a list may be asked for, declared once: it narrows the page and its file alike, and says in words what is in force.

An odd value in an address is no question. A filter with a default is in force also where the address asks nothing.
"""

from functools import cached_property

from django import forms
from django_filters import Filter, FilterSet
from django_filters.constants import EMPTY_VALUES

from .asked import asked_text, number_in


class NumberField(forms.Field):
    def to_python(self, value):
        return number_in(value)


class Text(Filter):
    """Some words, or the key of a row. `names` gives, for a Listing, the rows by whose `name` people know a key."""

    field_class = forms.CharField

    def __init__(self, label, *, names=None, **kwargs):
        super().__init__(label=label, **kwargs)
        self.names = names

    def in_words(self, value):
        if not self.names or not value:
            return value
        return self.names(self.parent).filter(pk=value).values_list("name", flat=True).first() or "–"


class Number(Text):
    field_class = NumberField


class Choice(Filter):
    """One of `choices`, {value: words}; `default`, or what it gives for a user, holds where none of them is asked."""

    field_class = forms.ChoiceField

    def __init__(self, label, choices, *, default="", **kwargs):
        super().__init__(label=label, choices=list(choices.items()), **kwargs)
        self.default = default

    def in_words(self, value):
        return dict(self.extra["choices"])[value]


class Listing(FilterSet):
    """The rows of one list for `user` on the day `today`, as an address's `query` (a QueryDict) asks for them.

    A list says where it starts (`start`, within the user's scope), in which `order` its rows come, and its filters.
    """

    order = ("pk",)
    beside = frozenset({"q"})  # what a page asks beside its folded filters

    def __init__(self, query, *, user, today):
        self.user, self.today = user, today
        super().__init__({name: asked_text(query, name) for name in self.base_filters}, self.start())

    def start(self):
        raise NotImplementedError

    @cached_property
    def asked(self):
        """{name: value} of what the address asks, None or "" where it asks nothing."""
        self.form.is_valid()  # what isn't, is left out
        return {name: self.form.cleaned_data.get(name, "") for name in self.filters}

    @property
    def address(self):
        """{name: value} of the query that asks the same again."""
        return {name: value for name, value in self.asked.items() if value not in EMPTY_VALUES}

    @cached_property
    def in_force(self):
        """{name: value} of every filter that holds, defaults included."""
        values = {name: self.address.get(name, self._default(one)) for name, one in self.filters.items()}
        return {name: value for name, value in values.items() if value not in EMPTY_VALUES}

    def _default(self, one):
        default = getattr(one, "default", "")
        return default(self.user) if callable(default) else default

    def filter_queryset(self, queryset):
        return self.narrowed(*self.filters)

    def narrowed(self, *names):
        """The rows as only these filters narrow them."""
        rows = self.queryset
        for name in names:
            if name in self.in_force:
                rows = self.filters[name].filter(rows, self.in_force[name])
        return rows

    @property
    def rows(self):
        return self.qs.order_by(*self.order)

    @property
    def told(self):
        """Every filter in force as (name, value) for people."""
        return [
            (self.filters[name].label, str(self.filters[name].in_words(value)))
            for name, value in self.in_force.items()
        ]

    @property
    def filters_asked(self):
        """How many of its folded filters the address sets."""
        return len(self.address.keys() - self.beside)
