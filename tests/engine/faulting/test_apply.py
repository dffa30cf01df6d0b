"""How faults change a plan, an answer and a file, several of them one after the other."""

from __future__ import annotations

import asyncio
from functools import cache
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest

from mockserver.contract.loader import load_contract
from mockserver.contract.model import Contract
from mockserver.engine.faulting import apply
from mockserver.engine.faulting.select import ActiveFaults, Fired
from mockserver.engine.message import Response
from mockserver.faults.base import CallbackFault, MediaFault, PlanFault, WireFault
from mockserver.faults.seams import Asset, Delivery, PlanDraft, Replacement, Reply, RequestFacts, Vocabulary
from mockserver.jobs.job import Plan, Step
from mockserver.jobs.reading import LATEST
from mockserver.jobs.records import MOST_STEPS
from mockserver.media.picture import measure
from tests.comet import COMET

FACTS: Final = RequestFacts("p", "op", "read", "ann", "m", "a kite", "j", 1, 0.5)
PLAN: Final = Plan(
    (Step("queued", "waiting", 2000), Step("done", "succeeded")), "time", 3, "why", ("no-link",), ("f",)
)


class Adds(PlanFault):
    """Puts steps of a word behind the others, and a quirk beside them."""

    word: str = "queued"
    lasts: int = 5

    def change(self, draft: PlanDraft, vocabulary: Vocabulary) -> PlanDraft:
        steps = (*draft.steps, (self.word, "waiting", self.lasts))
        return draft._replace(steps=steps, reason="new", quirks=draft.quirks | {self.word})


class Says(WireFault):
    """Replaces the answer by a word, or adds the word to the real one."""

    word: str
    is_early: bool = False
    replacement: Any = None

    def before(self, request: RequestFacts) -> Replacement | None:
        return Replacement(body=self.word.encode()) if self.is_early else self.replacement

    def after(self, reply: Reply, request: RequestFacts) -> None:
        reply.body += f" {self.word} {request.job_id} {reply.job_id}".encode()
        reply.delay += 1


class Cuts(MediaFault):
    """Cuts a file ever shorter."""

    def change(self, asset: Asset) -> None:
        asset.cut = (asset.cut or 10) - 1


class Doubles(CallbackFault):
    """Sends a callback twice."""

    def change(self, delivery: Delivery) -> list[Delivery]:
        return [delivery, delivery]


@cache
def comet() -> Contract:
    return load_contract(COMET, measure=measure)


def active(*faults: Any) -> ActiveFaults:
    return ActiveFaults(FACTS, [Fired(f"f{number}", fault) for number, fault in enumerate(faults)])


def test_plan_faults_change_a_plan_one_after_the_other_and_are_named_in_it() -> None:
    known = next(iter(comet().states))
    fired = active(Adds(word=known), Says(word="x"), Adds(word="unheard", lasts=7)).fired
    plan = apply._change_plan(comet(), PLAN, fired)

    assert plan.steps == (*PLAN.steps, Step(known, "waiting", 5), Step("unheard", "waiting", 7))
    assert (plan.pace, plan.polls, plan.reason) == ("time", 3, "new")
    assert plan.quirks == tuple(sorted({"no-link", "off-contract", known, "unheard"}))
    assert plan.faults == ("f", "f0", "f2")


def test_a_plan_of_the_contracts_states_stays_within_the_contract() -> None:
    word = next(iter(comet().states))
    plan = apply._change_plan(
        comet(), PLAN._replace(steps=(Step(word, "succeeded"),)), active(Adds(word=word)).fired
    )

    assert "off-contract" not in plan.quirks
    assert apply._change_plan(comet(), PLAN, active(Says(word="x")).fired) is PLAN


@pytest.mark.parametrize("number", [1, MOST_STEPS, MOST_STEPS + 1])
@pytest.mark.parametrize("lasts", [0, LATEST, LATEST + 1])
def test_a_plan_can_be_read_again_whatever_faults_make_of_it(lasts: int, number: int) -> None:
    draft = apply._within_bounds(PlanDraft((("queued", "waiting", lasts),) * number, "why", frozenset("q")))

    assert draft.steps == (("queued", "waiting", min(lasts, LATEST)),) * min(number, MOST_STEPS)
    assert draft[1:] == ("why", frozenset("q"))


def test_the_first_answer_that_a_fault_gives_counts() -> None:
    faults = (
        Cuts(),
        Says(word="later"),
        Says(word="first", is_early=True),
        Says(word="second", is_early=True),
    )

    assert apply.first_replacement(active(*faults)) == Replacement(body=b"first")
    assert apply.first_replacement(active(*faults[:2])) is None
    assert apply.first_replacement(active()) is None


def test_an_answer_goes_through_all_wire_faults() -> None:
    response = apply._change_response(
        Response(200, [], b"real"), active(Says(word="a"), Cuts(), Says(word="b"))
    )

    assert response.body == b"real a j j b j j"
    assert response.reply is not None
    assert (response.reply.delay, response.status) == (2, 200)


def test_an_answer_without_faults_or_one_that_is_streamed_stays_as_it_is() -> None:
    plain, streamed = Response(200, [], b"real"), Response(200, [], b"real")
    streamed.stream = cast(Any, ())

    assert apply._change_response(plain, active()) is plain
    assert apply._change_response(streamed, active(Says(word="a"))) is streamed
    assert (plain.reply, streamed.reply, streamed.body) == (None, None, b"real")


def test_media_faults_change_a_file_and_callback_faults_are_those_of_callbacks() -> None:
    asset, doubles = Asset("video"), Doubles()
    fired = active(Cuts(), Says(word="x"), doubles, Cuts()).fired
    apply.change_asset(asset, fired)

    assert asset.cut == 8
    assert apply._callback_faults(fired) == (doubles,)


class Answers:
    """Makes the contract's answers by their names."""

    def answer(self, context: Any, when: str) -> Response:
        return Response(400, [(b"x", b"1")], f"{when} {context.error}".encode())


@pytest.mark.parametrize(
    ("replacement", "status", "body"),
    [
        (Replacement(body=b"raw"), 200, b"raw"),
        (Replacement(body=b"raw", status=502), 502, b"raw"),
        (Replacement("limited", message="slow down", body=b"raw"), 400, b"limited slow down"),
        (Replacement("limited", message="no", status=429), 429, b"limited no"),
        (Replacement("unheard", fallbacks=("other", "busy", "limited"), message="no"), 400, b"busy no"),
        (Replacement("unheard", fallbacks=("other",), message="no", body=b"raw"), 200, b"raw"),
        (Replacement(fallbacks=("busy",), message="no"), 400, b"busy no"),
    ],
)
def test_a_fault_answers_in_the_contracts_words_where_it_has_any(
    replacement: Replacement, status: int, body: bytes
) -> None:
    context: Any = SimpleNamespace(operation=SimpleNamespace(answers={"limited": 1, "busy": 1}), error=None)
    response = apply._replaced(cast(Any, Answers()), context, replacement)

    assert (response.status, response.body, response.reply) == (status, body, None)


def test_a_fault_may_drop_the_connection_instead() -> None:
    context: Any = SimpleNamespace(operation=SimpleNamespace(answers={}), error=None)
    replacement = Replacement(disconnect="reset", body=b"raw", headers=(("X", "2"),))
    reply = apply._replaced(cast(Any, Answers()), context, replacement).reply

    assert reply is not None
    assert (reply.disconnect, reply.status, reply.body, reply.headers) == (
        "reset",
        200,
        b"raw",
        [(b"x", b"2")],
    )


@pytest.mark.parametrize(
    ("role", "phase", "link"),
    [
        ("read", "succeeded", "?link=1"),
        ("read", "failed", ""),
        ("read", None, ""),
        ("cancel", "succeeded", ""),
    ],
)
def test_a_success_that_is_read_shows_a_link_of_its_own(role: str, phase: str | None, link: str) -> None:
    class Links:
        async def next_link(self, context: Any) -> str:
            return "?link=1"

    state = None if phase is None else SimpleNamespace(phase=phase)
    context: Any = SimpleNamespace(operation=SimpleNamespace(role=role), state=state, link="", error="e")
    answered = asyncio.run(
        apply.answer(cast(Any, Links()), cast(Any, Answers()), context, "default", active())
    )

    assert (answered.body, context.link) == (b"default e", link)


def test_the_names_of_all_markers_stay_with_the_job_once() -> None:
    rules: Any = [SimpleNamespace(id=name) for name in ("f", "g")]

    assert apply._remember(PLAN, rules).faults == ("f", "g")
    assert apply._remember(PLAN, []) == PLAN


def test_the_words_of_a_contract_are_those_of_its_states() -> None:
    words, states = apply.vocabulary(comet()), comet().states

    assert words.default_path == tuple((s.word, s.phase, s.lasts) for s in comet().default_path)
    assert words.reasons == comet().reasons
    for phase, word in words.endings.items():
        assert word == next(state.word for state in states.values() if state.phase == phase)
