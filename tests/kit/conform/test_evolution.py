"""Changes of answers: drawn within the contract, and reduced to the fewest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mockserver.kit.conform.case import Vary
from mockserver.kit.conform.running.evolution import _shape, smallest, variants
from mockserver.kit.conform.running.mutating_proxy import AnswerMutation, difference, mutate
from mockserver.kit.strategies.mutations import REMOVED, Mutation, apply
from tests.kit.conform.environments import JOB, evidence, read, submit

KEYS = st.sampled_from(["a", "b", "c"])
BODIES = st.recursive(
    st.integers(0, 3) | st.text(max_size=2) | st.none(),
    lambda inner: st.dictionaries(KEYS, inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=8,
)
OBJECTS = st.dictionaries(KEYS, BODIES, max_size=3)
EVIDENCE = evidence(submit(), read(0.1), read(0.2, "processing"), read(0.3, "success"))


@given(
    st.sets(st.integers(0, 30), min_size=1).flatmap(
        lambda all_: st.tuples(st.just(sorted(all_)), st.sets(st.sampled_from(sorted(all_)), min_size=1))
    )
)
def test_the_fewest_are_just_those_that_are_needed(drawn: tuple[list[int], set[int]]) -> None:
    every, needed = drawn
    assert set(smallest(every, lambda some: needed <= set(some))) == needed


@given(st.sets(st.integers(0, 20), min_size=2))
def test_none_of_the_fewest_can_be_left_out(every: set[int]) -> None:
    def breaks(some: object) -> bool:
        return len(set(some)) >= 2  # type: ignore[call-overload]

    assert len(smallest(sorted(every), breaks)) == 2


@given(OBJECTS, OBJECTS)
def test_a_difference_leads_from_one_body_to_the_other(
    before: dict[str, object], after: dict[str, object]
) -> None:
    body: object = before
    for path, value, kind in difference(before, after):
        body = apply(body, Mutation(path, REMOVED if kind == "absent" else value))
    assert body == after


def test_variants_are_the_same_for_the_same_seed() -> None:
    drawn = variants(Vary.model_validate({}), EVIDENCE, 7)
    assert drawn == variants(Vary.model_validate({}), EVIDENCE, 7)
    assert drawn != variants(Vary.model_validate({}), EVIDENCE, 8)
    assert all(drawn)


def test_variants_are_of_the_wanted_kinds_and_roles() -> None:
    wanted = Vary.model_validate({"kinds": ["unknown"], "roles": ["read"], "variants": 10})
    drawn = [change for one in variants(wanted, EVIDENCE, 0) for change in one]
    assert {(change.kind, change.role) for change in drawn} == {("unknown", "read")}
    assert {change.phase for change in drawn} == {"waiting", "running", "succeeded"}


def test_a_changed_answer_keeps_its_schema_and_its_job() -> None:
    for changes in variants(Vary.model_validate({"variants": 20}), EVIDENCE, 1):
        for call in (exchange.call for exchange in EVIDENCE.exchanges):
            body = mutate(call, call.response_json, changes)
            assert call.operation is not None
            schema = call.operation.answers["default"].schema
            assert schema is not None
            assert schema.is_valid(body)
            assert body["request_id"] == JOB
            assert body["status"] == call.response_json["status"]


def test_a_change_is_for_answers_of_its_role_and_phase_and_never_breaks_the_schema() -> None:
    call = EVIDENCE.exchanges[1].call
    fits = AnswerMutation("read", "waiting", ("new",), 1, "unknown")
    elsewhere = AnswerMutation("read", "succeeded", ("new",), 1, "unknown")
    wrong = AnswerMutation("read", "waiting", ("status",), 1, "changed")
    nowhere = AnswerMutation("read", "waiting", ("none", "such"), 1, "changed")
    assert mutate(call, call.response_json, [elsewhere, wrong, nowhere]) == call.response_json
    assert mutate(call, call.response_json, [fits]) == {**call.response_json, "new": 1}
    assert mutate(call, call.response_json, [elsewhere, wrong, nowhere, fits]) == {
        **call.response_json,
        "new": 1,
    }


def test_a_change_is_told_in_words() -> None:
    absent = AnswerMutation("read", "waiting", ("outcome", "x"), None, "absent")
    assert absent.sentence == "answer to read, job waiting: /outcome/x is absent"
    more = AnswerMutation("submit", "waiting", ("new",), {"a": "b" * 200}, "unknown")
    assert more.sentence.startswith('answer to submit, job waiting: /new is there too, as {"a": "bbb')
    assert len(more.sentence) < 200


def test_two_bodies_have_one_shape_where_only_values_differ() -> None:
    shape = _shape({"b": [1, None], "a": {"c": "x"}})
    assert shape == "{a:{c:str},b:[int,NoneType]}"
    assert shape == _shape({"a": {"c": ""}, "b": [7, None]})
    assert (
        len({shape, *map(_shape, ({"a": {"c": 1}, "b": [1, None]}, {"a": {}, "b": []}, [], "", None))}) == 6
    )
