"""The plain Django project anyone would write in a day: generic views, a ModelForm, ten foreign keys, the ORM."""
