"""What is claimed of the races, once for the files that run them on one kind of database each."""

from tests.races.conftest import Raced


def test_where_one_may_win_one_wins(raced: Raced) -> None:
    assert raced.wrong("doubles") == {}


def test_every_race_ends_as_one_order_of_the_two_would(raced: Raced) -> None:
    assert raced.wrong("strays") == {}


def test_nothing_but_refusals_reaches_a_caller(raced: Raced) -> None:
    assert raced.wrong("unhandled") == {}


def test_whoever_came_later_reads_who_did_what_and_when(raced: Raced) -> None:
    assert raced.wrong("untold") == {}


def test_of_many_heats_each_side_comes_first_in_some(raced: Raced) -> None:
    assert raced.never_first() == {}


def test_after_all_races_every_invariant_holds(raced: Raced) -> None:
    assert raced.broken() == {}
