"""Budgets whose windows are at a known hour, whenever the test runs."""

import datetime


def zone_where_it_is(hour):
    """A zone without summer time in which it is that hour now, give or take one, and not near midnight."""
    ahead = (hour - datetime.datetime.now(datetime.timezone.utc).hour + 11) % 24 - 11
    # The names count westward.
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"
