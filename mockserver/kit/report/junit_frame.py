"""The frame of a JUnit report: suites, properties, counts. What the cases say is the caller's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from xml.etree import ElementTree

from mockserver.escapes import plain
from mockserver.kit.report.formatting import day_and_time


def document(name: str, seconds: float, suites: Iterable[ElementTree.Element]) -> str:
    """The XML text of all suites, with the counts of all their cases."""
    root = element("testsuites", name=name, time=f"{seconds:.3f}")
    root.extend(suites)
    _count(root, list(root.iter("testcase")))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def suite(
    name: str,
    started: float,
    time: str,
    properties: Mapping[str, str],
    cases: Sequence[ElementTree.Element],
) -> ElementTree.Element:
    """A suite of cases; `started` is Unix seconds, `time` seconds as text."""
    # JUnit wants a moment without its zone.
    top = element("testsuite", name=name, timestamp=day_and_time(started).removesuffix("Z"), time=time)
    head = ElementTree.SubElement(top, "properties")
    head.extend(element("property", name=key, value=value) for key, value in properties.items())
    top.extend(cases)
    _count(top, cases)
    return top


def element(tag: str, **attributes: str) -> ElementTree.Element:
    """An element whose texts are safe to show."""
    return ElementTree.Element(tag, {name: plain(value) for name, value in attributes.items()})


def add(case: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> None:
    """Add to a case how it ended (`failure`, `error`, `skipped`) or what else there is to say."""
    child = element(tag, **attributes)
    if text:
        child.text = plain(text)
    case.append(child)


def _count(top: ElementTree.Element, cases: Iterable[ElementTree.Element]) -> None:
    """Say how many cases there are, and how they ended."""
    endings = [{child.tag for child in case} for case in cases]
    top.set("tests", str(len(endings)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        top.set(name, str(sum(tag in tags for tags in endings)))
