"""The decision and its explanation agree, pictures are judged at their limits, and a violation teaches."""

from __future__ import annotations

import base64
import binascii
import copy
import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from mockserver.contract.formats import decode_base64, image_problem, is_url
from mockserver.contract.loader import load_contract
from mockserver.contract.model import Contract, Operation
from mockserver.contract.parameters import reader
from mockserver.contract.source import builtin_root, find_providers
from mockserver.contract.submit_body import Body
from mockserver.contract.validate import Validator
from mockserver.contract.violation import Violation, brief, read_clause
from mockserver.media.picture import Picture, measure

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
FOLDERS = {**find_providers(builtin_root()), "orbit": FIXTURES / "orbit"}
PROFILES = ("documented", "vendor", "observed")


@cache
def contract(provider: str, profile: str = "documented") -> Contract:
    return load_contract(FOLDERS[provider], measure=measure, profile=profile)


SUBMITS = [
    (provider, profile, operation.id)
    for provider in FOLDERS
    for profile in PROFILES
    for operation in contract(provider, profile).operations.values()
    if operation.role == "submit"
]


def body_of(operation: Operation) -> Body:
    assert operation.body is not None
    return operation.body


def examples(loaded: Contract, operation: Operation) -> list[Any]:
    node = loaded.document["paths"][operation.path][operation.method.lower()]
    return [
        entry["value"] for entry in node["requestBody"]["content"]["application/json"]["examples"].values()
    ]


def independent(validator: Validator) -> Any:
    """The same schema as `jsonschema` reads it."""

    def image(_: Any, rule: dict[str, Any], instance: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
        if isinstance(instance, str) and (fault := image_problem(instance, rule, measure)):
            yield jsonschema.ValidationError(fault)

    base = jsonschema.Draft202012Validator
    return jsonschema.validators.extend(base, {"x-image": image})(validator.schema())  # type: ignore[no-untyped-call]


# --- bodies: the examples, hurt in places; and any JSON at all


def picture(kind: str, width: int, height: int) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(data, kind)
    return data.getvalue()


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@cache
def pictures() -> list[str]:
    good, small = encoded(picture("PNG", 400, 300)), encoded(picture("JPEG", 400, 299))
    return [good, small, f"data:image/png;base64,{good}", f"data:image/png,{good}", good[:60], f"{good}\n"]


INTERESTING: list[Any] = [
    None, True, False, 0, 1, -1, 5, 10, 5.0, 0.5, 1.0, 1.01, -0.1, 1e308, 2**63, -(2**63), 2**64 - 1,
    "", "5", "10", "5 ", "5\n", "8", "on", "off", "std", "pro", "16:9", "9:16", "simple", "customize",
    "a" * 2500, "a" * 2501, "界" * 2500, "界" * 2501, "😀" * 2500, "e\u0301" * 1251, "\u0000", "\u2028",
    "https://example.com/a.jpg", "https://example.com/a\n", "ftp://example.com", "http://", "http://a b",
    "<<<voice_1>>>", "<<<voice_1>>><<<voice_2>>><<<voice_3>>>", "kling-v1", "kling-v2-6", "kling-v3",
    [], [[]], {}, [{}], [None], ["5"], [{"index": 1, "prompt": "a", "duration": "5"}],
    [{"voice_id": "a"}], [{"voice_id": "a"}] * 3, {"type": "simple"}, {"enabled": True},
]  # fmt: skip

numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
plain = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
values = (
    st.sampled_from(INTERESTING).map(copy.deepcopy) | plain | st.deferred(lambda: st.sampled_from(pictures()))
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    paths = [path]
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in entries:
        paths += places(value, (*path, key))
    return paths


def put(node: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    inner = node
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return node


def drop(node: Any, path: tuple[Any, ...]) -> Any:
    if not path:
        return {}
    inner = node
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return node


@cache
def names_of(provider: str, profile: str) -> list[str]:
    """Every key of every property in the contract."""
    sources: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            sources.update(node.get("properties", {}) if isinstance(node.get("properties"), dict) else ())
        for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            walk(value)

    walk(contract(provider, profile).document["components"]["schemas"])
    return sorted(sources)


@st.composite
def hurt(draw: st.DrawFn, provider: str, profile: str, operation_id: str) -> Any:
    """An example with up to four values dropped, replaced or added; as orjson reads it from the wire."""
    loaded = contract(provider, profile)
    body = copy.deepcopy(draw(st.sampled_from(examples(loaded, loaded.operations[operation_id]))))
    for _ in range(draw(st.integers(0, 4))):
        path = draw(st.sampled_from(places(body)))
        how = draw(st.sampled_from(["drop", "put", "put", "add"]))
        if how == "drop":
            body = drop(body, path)
        elif how == "put":
            body = put(body, path, draw(values))
        else:
            holder = body
            for key in path:
                holder = holder[key]
            if isinstance(holder, dict):
                holder[draw(st.sampled_from(names_of(provider, profile)))] = draw(values)
            elif isinstance(holder, list):
                holder.append(draw(values))
    return orjson.loads(orjson.dumps(body))


@pytest.mark.parametrize(("provider", "profile", "operation"), SUBMITS)
def test_examples_are_valid(provider: str, profile: str, operation: str) -> None:
    loaded = contract(provider, profile)
    body = body_of(loaded.operations[operation])

    for example in examples(loaded, loaded.operations[operation]):
        assert [violation.text() for violation in body.explain(example)] == []
        assert body.is_valid(example)
        assert body.unknown(example) == []


@pytest.mark.parametrize(("provider", "profile", "operation"), SUBMITS)
def test_decision_explanation_and_another_library_agree(provider: str, profile: str, operation: str) -> None:
    body = body_of(contract(provider, profile).operations[operation])
    other = independent(body.schema)

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(hurt(provider, profile, operation) | plain)
    def agree(sent: Any) -> None:
        schema = body.schema.explain(sent)
        assert body.schema.is_valid(sent) == (schema == []), [violation.text() for violation in schema]
        assert body.schema.is_valid(sent) == other.is_valid(sent), [violation.text() for violation in schema]
        whole = body.explain(sent)
        assert body.is_valid(sent) == (whole == []), [violation.text() for violation in whole]

    agree()


@pytest.mark.parametrize(("provider", "profile", "operation"), SUBMITS)
def test_every_violation_can_be_read(provider: str, profile: str, operation: str) -> None:
    body = body_of(contract(provider, profile).operations[operation])

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(hurt(provider, profile, operation))
    def readable(sent: Any) -> None:
        for violation in body.explain(sent):
            text = violation.text()
            assert violation.expected
            assert violation.source, text
            assert len(text) < 1500
            assert "given schemas" not in text

    readable()


# --- pictures

RULE: dict[str, Any] = {
    "forms": ["url", "base64", "data-uri"],
    "types": ["jpeg", "png"],
    "maxBytes": 20_000,
    "minSide": 30,
    "minRatio": 0.4,
    "maxRatio": 2.5,
}
sides = st.sampled_from([1, 12, 29, 30, 31, 40, 74, 75, 76, 99, 100, 101, 187, 188]) | st.integers(1, 260)
kinds = st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "BMP"])


def allowed(kind: str, width: int, height: int) -> bool:
    return (
        kind in ("PNG", "JPEG")
        and min(width, height) >= 30
        and 5 * width >= 2 * height
        and 2 * width <= 5 * height
    )


@settings(max_examples=300, deadline=None)
@given(kinds, sides, sides, st.booleans())
def test_a_picture_is_judged_by_its_content(kind: str, width: int, height: int, prefixed: bool) -> None:
    rule = {**RULE, "maxBytes": 10_000_000}
    prefix = "data:image/png;base64," if prefixed else ""

    fault = image_problem(prefix + encoded(picture(kind, width, height)), rule, measure)

    assert (fault is None) == allowed(kind, width, height), fault


@pytest.mark.parametrize(
    ("width", "height", "good"),
    [
        (30, 30, True), (29, 30, False), (30, 29, False),
        (75, 30, True), (76, 30, False), (30, 75, True), (30, 76, False),
        (250, 100, True), (251, 100, False), (100, 250, True), (100, 251, False),
    ],
)  # fmt: skip
def test_sides_and_ratio_at_their_limits(width: int, height: int, good: bool) -> None:
    fault = image_problem(encoded(picture("PNG", width, height)), RULE, measure)

    assert (fault is None) is good
    assert good or f"{width}x{height}" in str(fault)


@pytest.mark.parametrize("more", [-2, -1, 0, 1, 2, 3])
def test_size_is_that_of_the_decoded_bytes(more: int) -> None:
    data = picture("PNG", 40, 40)
    padded = data + bytes(300)

    fault = image_problem(encoded(padded), {**RULE, "maxBytes": len(padded) + more}, measure)

    assert fault == (None if more >= 0 else f"holds {len(padded)} bytes, more than {len(padded) + more}")


def test_a_header_beyond_the_first_piece_is_found() -> None:
    large = picture("JPEG", 40, 40)
    comment = b"\xff\xfe" + (60_000).to_bytes(2, "big") + bytes(59_998)
    late = large[:2] + comment * 3 + large[2:]

    assert image_problem(encoded(late), {**RULE, "maxBytes": 1_000_000}, measure) is None


@pytest.mark.parametrize(
    ("form", "sent", "message"),
    [
        ("url", "https://example.com/a.png", None),
        ("url", "HTTPS://EXAMPLE.COM/a.png", None),
        ("url", "https://example.com/a b.png", "is not a valid http(s) URL"),
        ("url", "{base64}", "is neither url"),
        ("url", "data:image/png;base64,{base64}", "without the `data:` prefix"),
        ("base64", "{base64}", None),
        ("base64", "https://example.com/a.png", "is a link"),
        ("base64", "data:image/png;base64,{base64}", "without the `data:` prefix"),
        ("data-uri", "data:image/png;base64,{base64}", None),
        ("data-uri", "data:;base64,{base64}", None),
        ("data-uri", "data:image/png;charset=x;base64,{base64}", None),
        ("data-uri", "DATA:image/png;BASE64,{base64}", None),
        ("data-uri", "data:image/png,{base64}", "is not a Base64 data URI"),
        ("data-uri", "{base64}", "is neither data-uri"),
        ("data-uri", "https://example.com/a.png", "is a link"),
    ],
)
def test_each_form_alone(form: str, sent: str, message: str | None) -> None:
    text = sent.replace("{base64}", encoded(picture("PNG", 40, 40)))

    fault = image_problem(text, {"forms": [form]}, measure)

    assert fault is None if message is None else message in str(fault)


@pytest.mark.parametrize("damage", ["\n", " ", "-", "_", "=", "é", "😀", "\0"])
def test_what_is_no_base64_is_refused(damage: str) -> None:
    text = encoded(picture("PNG", 40, 40))

    for broken in (damage + text, text[:40] + damage + text[40:], f"{text[:-4]}{damage}"):
        assert "base64" in str(image_problem(broken, RULE, measure))


@pytest.mark.parametrize(
    ("rule", "width", "message"),
    [
        ({"minRatio": 1.5}, 100, "of at least 1.5:1"),
        ({"maxRatio": 0.5}, 100, "of at most 1:2"),
        ({"minRatio": 0.5, "maxRatio": 2}, 300, "from 1:2 to 2:1"),
    ],
)
def test_one_limit_of_a_ratio_may_stand_alone(rule: dict[str, Any], width: int, message: str) -> None:
    fault = image_problem(encoded(picture("PNG", width, 100)), {"forms": ["base64"], **rule}, measure)

    assert message in str(fault)


@pytest.mark.parametrize("empty", [True, False])
def test_an_empty_string_stands_for_none_where_it_may(empty: bool) -> None:
    assert (image_problem("", {**RULE, "empty": empty}, measure) is None) is empty


def test_a_picture_is_measured_once_whoever_asks() -> None:
    asked: list[int] = []

    def counted(data: bytes) -> Picture:
        asked.append(len(data))
        return measure(data)

    text = f"data:image/png;base64,{encoded(picture('PNG', 41, 40))}"
    rules = [RULE, {**RULE, "minSide": 50}, {"forms": ["data-uri"], "types": ["jpeg"]}]

    problems = [image_problem(str(text), rule, counted) for rule in rules * 3]

    assert problems[0] is None
    assert "each side needs at least 50" in str(problems[1])
    assert "is a png picture" in str(problems[2])
    assert len(asked) == 1


def test_base64_in_pieces_is_as_strict_as_in_one() -> None:
    data = picture("PNG", 40, 40) + bytes(400_000)
    text = encoded(data)

    assert decode_base64(text) == data
    assert decode_base64(f"data:,{text}", 6) == data
    for at in (262_140, 262_144, 262_148, len(text) - 8):
        for damage in ("=", "==", "\n", "é"):
            with pytest.raises(binascii.Error):
                decode_base64(text[:at] + damage + text[at + len(damage) :])


GOOD = encoded(picture("PNG", 40, 40))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"{GOOD[:76]}\n{GOOD[76:]}", "there is a line break at character 77"),
        (f"{GOOD[:76]}\r\n{GOOD[76:]}", "there is a line break at character 77"),
        (f"{GOOD[:5]} {GOOD[6:]}", "' ' at character 6 is not of its alphabet"),
        (f"{GOOD[:5]}é{GOOD[6:]}", r"'\xe9' at character 6 is not of its alphabet"),
        (f"{GOOD[:5]}_{GOOD[6:]}", "'_' at character 6 is not of its alphabet; the URL-safe one is another"),
        (f"{GOOD[:8]}=={GOOD[8:]}", "padding stands at character 9, before the end"),
        ("iVBORw0", "padding is missing, as its 7 characters are no multiple of 4"),
        ("iVBORw0A=", "padding is missing, as its 9 characters are no multiple of 4"),
        ("iVBOR===", "the padding at character 6 is not what its last characters need"),
        ("A" * 400_000 + "*AAA", "'*' at character 400001 is not of its alphabet"),
    ],
    ids=lambda text: text[-24:],
)
@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
def test_of_bad_base64_the_first_wrong_character_is_told(prefix: str, text: str, problem: str) -> None:
    rule = {"forms": ["data-uri" if prefix else "base64"]}
    told = image_problem(prefix + text, rule, measure)
    assert told == f"File is not in a valid base64 format: {problem}"


def test_a_link_of_any_length_is_answered() -> None:
    link = f"https://example.com/{'a' * 70_000}"

    assert image_problem(link, RULE, measure) == "is a link of 70020 characters, more than 65536"


@given(st.text(max_size=60) | st.binary(max_size=60).map(encoded))
def test_any_text_is_answered(text: str) -> None:
    fault = image_problem(text, RULE, measure)

    assert fault is None or fault
    assert fault is not None or is_url(text)


# --- what a violation says


def explained(provider: str, body: Any, profile: str = "documented") -> list[Violation]:
    loaded = contract(provider, profile)
    operation = next(entry for entry in loaded.operations.values() if entry.role == "submit")
    return body_of(operation).explain(body)


IMAGE = "https://example.com/a.jpg"
GMI: dict[str, Any] = {"model": "Kling-Image2Video-V1.6-Pro", "payload": {"image": IMAGE}}
AIML: dict[str, Any] = {
    "model": "kling-video/v1.6/pro/image-to-video",
    "image_url": IMAGE,
    "prompt": "A boat",
}
KK: dict[str, Any] = {"model_name": "kling-v1-6", "image": IMAGE, "mode": "std", "duration": "5"}


def gmi(**payload: Any) -> dict[str, Any]:
    return {**GMI, "payload": {**GMI["payload"], **payload}}


@pytest.mark.parametrize(
    ("provider", "body", "at", "keyword", "words"),
    [
        (
            "gmicloud",
            gmi(duration="8"),
            "/payload/duration",
            "enum",
            ['payload.duration is "8"', '"5", "10"', "V1.6-Pro Request"],
        ),
        (
            "gmicloud",
            gmi(duration=5),
            "/payload/duration",
            "type",
            ["payload.duration is 5", "a string", "V1.6-Pro Request"],
        ),
        (
            "gmicloud",
            gmi(cfg_scale=1.5),
            "/payload/cfg_scale",
            "maximum",
            ["is 1.5", "at most 1", "V1.6-Pro Request"],
        ),
        (
            "gmicloud",
            gmi(prompt="a" * 2501),
            "/payload/prompt",
            "maxLength",
            ["(2501 characters)", "at most 2500"],
        ),
        ("gmicloud", gmi(prompt=None), "/payload/prompt", "type", ["is null", "a string"]),
        (
            "gmicloud",
            gmi(image="a.jpg"),
            "/payload/image",
            "x-image",
            ["payload.image", "base64", "JPEG or PNG", "300 px"],
        ),
        (
            "gmicloud",
            {**GMI, "payload": {}},
            "/payload/image",
            "required",
            ["payload.image is required", "V1.6-Pro Request"],
        ),
        ("gmicloud", {"model": GMI["model"]}, "/payload", "required", ["payload is required"]),
        ("gmicloud", [], "", "type", ["the body is []", "an object"]),
        (
            "aimlapi",
            {**AIML, "duration": "5"},
            "/duration",
            "type",
            ['duration is "5"', "an integer", "VENDOR github aimlapi/api-docs"],
        ),
        ("aimlapi", {**AIML, "duration": 7}, "/duration", "enum", ["duration is 7", "5, 10"]),
        ("aimlapi", {**AIML, "cfg_scale": -0.1}, "/cfg_scale", "minimum", ["is -0.1", "at least 0"]),
        (
            "aimlapi",
            {"model": AIML["model"], "prompt": "A"},
            "/image_url",
            "required",
            ["image_url is required", "AI/ML API documentation page"],
        ),
        (
            "kkiai",
            {**KK, "mode": "max"},
            "/mode",
            "enum",
            ["mode value 'max' is invalid", '"std", "pro"', "kkiai.com"],
        ),
        (
            "kkiai",
            {**KK, "voice_list": [{}] * 3},
            "/voice_list",
            "maxItems",
            ["at most 2 items", "kkiai.com"],
        ),
        (
            "veo",
            {"instances": [{"prompt": "A boat", "lastFrame": {}}]},
            "/instances/0/image",
            "required",
            ["instances[0].image is required beside lastFrame"],
        ),
        (
            "veo",
            {"instances": [{"prompt": "A boat"}], "parameters": {"sampleCount": 1}},
            "/parameters",
            "additionalProperties",
            ["parameters has sampleCount; expected no other field than those that the contract names"],
        ),
        (
            "orbit",
            {"engine": "orbit-lite", "text": ""},
            "/text",
            "minLength",
            ['text is ""', "at least 1 character"],
        ),
    ],
)
def test_a_violation_names_field_value_allowance_and_source(
    provider: str, body: Any, at: str, keyword: str, words: list[str]
) -> None:
    violations = [violation for violation in explained(provider, body) if violation.pointer == at]

    violation = next(entry for entry in violations if entry.keyword == keyword)
    assert violation.place == "body"
    for word in words:
        assert word in violation.text()
    assert violation.text().endswith(f"[{violation.source}]")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"image": ""}, 'image is "", expected a picture in image or image_tail'),
        ({"image": None, "image_tail": ""}, "image can not be null"),
    ],
)
def test_the_words_of_the_contract_go_before_those_of_the_keyword(change: Any, says: str) -> None:
    texts = [violation.text() for violation in explained("kkiai", {**KK, **change}, "vendor")]

    assert any(text.startswith(says) for text in texts), texts


@pytest.mark.parametrize(
    ("keyword", "value", "words"),
    [
        ("anyOf", [{"required": ["a"]}, {"required": ["b", "c"]}], "one with a or b and c"),
        ("oneOf", [{"required": ["a"]}, {"required": ["b"]}], "one with a or b, and no more of them"),
        ("anyOf", [{"required": ["a"]}, {"type": "null"}], "one of 2 forms"),
        ("not", {"const": "1080P"}, 'anything but "1080P"'),
        ("not", {"enum": [1, 2]}, "anything but 1 and 2"),
        ("not", {"required": ["a"]}, "what not {"),
    ],
)
def test_a_choice_of_members_and_a_forbidden_value_are_told_in_words(
    keyword: str, value: Any, words: str
) -> None:
    assert read_clause({"node": {keyword: value}}, ("node", keyword), {}).expected.startswith(words)


def test_every_broken_rule_is_told_once() -> None:
    violations = explained("gmicloud", gmi(duration="8", cfg_scale=2, prompt=1))

    assert sorted(violation.pointer for violation in violations) == [
        "/payload/cfg_scale",
        "/payload/duration",
        "/payload/prompt",
    ]


def test_only_the_chosen_model_is_spoken_of() -> None:
    body = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"aspect_ratio": "4:3"}}

    (violation,) = explained("gmicloud", body)

    assert violation.pointer == "/payload/aspect_ratio"
    assert "Kling-Text2Video-V1.6-Standard" in violation.source


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"page": "0"}, "query parameter page is 0, expected at least 1"),
        ({"page": "one"}, 'query parameter page is "one", expected an integer'),
        ({"per_page": "51"}, "query parameter per_page is 51, expected at most 50"),
        ({"engine": ["a", "b"]}, 'query parameter engine is ["a","b"], expected a string'),
    ],
)
def test_a_parameter_is_named_with_its_place(query: dict[str, Any], message: str) -> None:
    parameters = contract("orbit").operations["listRenders"].parameters

    _, violations = parameters.read({"path": {}, "query": query, "header": {}})

    assert [violation.text() for violation in violations] == [f"{message} [ASSUMED invented parameter]"]


def test_parameters_are_read_as_what_they_are() -> None:
    parameters = contract("orbit").operations["listRenders"].parameters

    typed, violations = parameters.read({"path": {}, "query": {"page": "2", "engine": "5"}, "header": {}})

    assert violations == []
    assert typed["query"] == {"page": 2, "engine": "5"}
    assert parameters.unknown({"page": "2", "limit": "3"}) == ["limit"]


def test_unknown_keys_are_found_at_any_depth() -> None:
    loaded = contract("gmicloud")
    body = body_of(loaded.operations["submitRequest"])

    assert set(body.unknown({**gmi(cfg=1), "note": 1})) == {"/note", "/payload/cfg"}
    assert body.is_valid({**gmi(cfg=1), "note": 1})
    shot = {"index": 1, "prompt": "a", "duration": "5", "mood": "calm"}
    kling = body_of(contract("kkiai").operations["submitImage2Video"])
    assert kling.unknown({**KK, "multi_prompt": [shot]}) == ["/multi_prompt/0/mood"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("short", '"short"'),
        ("a" * 61, f'"{"a" * 57}..." (61 characters)'),
        ([1] * 100, f"[{'1,' * 38}..."),
        (None, "null"),
        (5.0, "5.0"),
    ],
)
def test_a_sent_value_is_cut_to_a_readable_length(value: Any, text: str) -> None:
    assert brief(value) == text


def test_an_answer_is_held_to_its_schema() -> None:
    loaded = contract("orbit")
    answer = loaded.operations["readRender"].answers["default"]
    assert isinstance(answer.schema, Validator)
    good = {
        "id": "job_0123456789abcdef",
        "engine": "orbit-lite",
        "state": "PENDING",
        "made": "2026-01-02T03:04:05.678Z",
    }
    good["changed"] = good["made"]

    assert answer.schema.is_valid(good)
    assert not answer.schema.is_valid({**good, "state": "DONE"})
    assert not answer.schema.is_valid({**good, "state": "queued"})


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "1.5", 1.5),
        ("number", "-2", -2.0),
        ("number", "two", "two"),
        ("number", True, True),
        ("integer", "-4", -4),
        ("integer", "2284928084444546", 2284928084444546),
        ("integer", "4.0", "4.0"),
        ("integer", None, None),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("boolean", "yes", "yes"),
        ("string", "1", "1"),
    ],
)
def test_a_parameter_is_read_as_its_type_and_left_as_it_is_where_it_is_none(
    kind: str, text: object, value: object
) -> None:
    read = reader({"type": kind})(text)

    assert read == value
    assert type(read) is type(value)
