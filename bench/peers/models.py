"""Families and visits as a first sketch has them: an id for everything that can be chosen."""

from django.contrib.auth.models import User
from django.db import models


class Named(models.Model):
    code = models.CharField(max_length=30, primary_key=True)
    name = models.CharField(max_length=80)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name


class Province(Named):
    pass


class Regency(Named):
    province = models.ForeignKey(Province, models.PROTECT)


class District(Named):
    regency = models.ForeignKey(Regency, models.PROTECT)


class Village(Named):
    district = models.ForeignKey(District, models.PROTECT)


class Kind(Named):
    pass


class Role(Named):
    pass


class SubRole(Named):
    role = models.ForeignKey(Role, models.PROTECT)


class Group(models.Model):
    name = models.CharField(max_length=60)

    def __str__(self):
        return self.name


class Household(models.Model):
    case_number = models.CharField(max_length=9, unique=True)
    name = models.CharField(max_length=120)
    family_card = models.CharField(max_length=16)
    address = models.CharField(max_length=200)
    rt = models.PositiveSmallIntegerField()
    rw = models.PositiveSmallIntegerField()
    village = models.ForeignKey(Village, models.PROTECT)
    group = models.ForeignKey(Group, models.PROTECT)
    worker = models.ForeignKey(User, models.PROTECT)
    status = models.CharField(max_length=20)
    path = models.CharField(max_length=20)
    decile = models.PositiveSmallIntegerField()
    joined_on = models.DateField()
    notes = models.TextField(blank=True)
    last_visited_on = models.DateField(null=True)

    def __str__(self):
        return self.name


class Visit(models.Model):
    household = models.ForeignKey(Household, models.PROTECT)
    worker = models.ForeignKey(User, models.PROTECT)
    province = models.ForeignKey(Province, models.PROTECT)
    regency = models.ForeignKey(Regency, models.PROTECT)
    district = models.ForeignKey(District, models.PROTECT)
    village = models.ForeignKey(Village, models.PROTECT)
    kind = models.ForeignKey(Kind, models.PROTECT)
    role = models.ForeignKey(Role, models.PROTECT)
    sub_role = models.ForeignKey(SubRole, models.PROTECT)
    group = models.ForeignKey(Group, models.PROTECT)
    occurred_on = models.DateField(db_index=True)
    notes = models.TextField()
    outcome = models.TextField(blank=True)
    next_step = models.CharField(max_length=300, blank=True)
    next_step_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"{self.household} {self.occurred_on}"
