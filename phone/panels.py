"""What this room shows on a page of a lower one: in Kiriman, what waits on this very phone."""

from pkh_casework.panels import panel


@panel("entries:held_list", "phone/outbox.html")
def on_this_phone(request, user):
    """The place where the script lists the entries on the phone; for who fills in forms."""
    return {} if user.is_pendamping else None
