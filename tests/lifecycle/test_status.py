"""Does the table say which moves may happen, and nothing else?"""

from __future__ import annotations

import pytest

from lifecycle.status import MOVES, Move, Status, after, is_allowed, is_open


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("move", Move)
def test_a_move_happens_exactly_where_the_table_allows_it(status: Status, move: Move):
    if is_allowed(status, move):
        assert after(status, move) in Status
    else:
        with pytest.raises(ValueError, match="cannot"):
            after(status, move)


def test_an_ended_request_can_only_be_reopened():
    assert [move for move in Move if is_allowed(Status.ENDED, move)] == [Move.REOPEN]


def test_every_living_request_can_be_finished():
    assert MOVES[Move.FINISH][0] == {status for status in Status if is_open(status)}


def test_every_status_can_be_reached():
    reached = {target for _sources, target in MOVES.values() if target}
    assert reached == set(Status)
