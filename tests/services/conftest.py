"""What several tests of the services begin with."""

from __future__ import annotations

import pytest

from world import found, publish


@pytest.fixture
def biology(any_rt):
    """An issuer with one achievement, `teamwork`, once on each database."""
    made = found(any_rt)
    publish(any_rt, made)
    return made
