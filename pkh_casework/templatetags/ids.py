"""A fresh op_id for each small form on a page, so that one tap is one entry."""

from django import template

from pkh_casework.ids import uuid7

register = template.Library()


@register.simple_tag
def new_op_id():
    return str(uuid7())
