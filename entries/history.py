"""The field history of rows that are written once and rarely changed."""

import pghistory


def keep_old_versions(model):
    """Keep each version of a row before it changes. The row itself is its first version, so inserts cost nothing."""
    before = {"row": pghistory.Old}
    return pghistory.track(
        pghistory.UpdateEvent("before_change", **before), pghistory.DeleteEvent("before_delete", **before)
    )(model)
