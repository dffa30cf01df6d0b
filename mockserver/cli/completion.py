"""What a shell offers for an unfinished word: names of providers, models, states, faults, cases and the like.

Each function is a `shell_complete` of click. A shell shows no errors, so what cannot be read offers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from itertools import chain
from typing import TYPE_CHECKING

import click

from mockserver.errors import MockserverError
from mockserver.escapes import plain_line

if TYPE_CHECKING:
    from mockserver.contract.model import Contract
    from mockserver.contract.registry import Placement

Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def _names(offer: Callable[[click.Context], Iterable[str]]) -> Complete:
    """Offer those of the names that begin with the unfinished word."""

    @wraps(offer)
    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
        try:
            names = {name for name in offer(context) if name.startswith(incomplete)}
            # What a contract says reaches the terminal, and here around the streams.
            return sorted(map(plain_line, names))
        except MockserverError:
            return []

    return complete


@_names
def providers(context: click.Context) -> Iterable[str]:
    """Every provider that is known, those of the line's --contracts included."""
    return _known(context)


@_names
def models(context: click.Context) -> Iterable[str]:
    """The models of the provider that the line names, else of all."""
    return chain.from_iterable(contract.models for contract in _contracts(context))


@_names
def states(context: click.Context) -> Iterable[str]:
    """The states of the provider that the line names, else of all."""
    return chain.from_iterable(contract.states for contract in _contracts(context))


@_names
def faults(context: click.Context) -> Iterable[str]:
    """Every fault."""
    from mockserver.faults import catalogue

    return catalogue.faults()


@_names
def predicates(context: click.Context) -> Iterable[str]:
    """Every predicate of rules, as its value follows."""
    from mockserver.faults import catalogue

    return (f"{name}=" for name in catalogue.predicates())


@_names
def settings(context: click.Context) -> Iterable[str]:
    """The settings of the fault that the line names, as a value follows."""
    from mockserver.faults import catalogue

    # Before an option without its value, click leaves the arguments as they are.
    named = [context.params.get("fault"), *context.args]
    kinds = [kind for name, kind in catalogue.faults().items() if name in named]
    return (f"{name}=" for name in chain.from_iterable(kind.model_fields for kind in kinds))


@_names
def cases(context: click.Context) -> Iterable[str]:
    """Every case for clients."""
    from mockserver.kit.conform.case import load_cases

    return (case.id for case in load_cases(context.params.get("folder")))


@_names
def families(context: click.Context) -> Iterable[str]:
    """Every family of cases."""
    from mockserver.kit.conform.case import load_cases

    return (case.family for case in load_cases(context.params.get("folder")))


@_names
def stages(context: click.Context) -> Iterable[str]:
    """Every stage of verify."""
    from mockserver.kit.verify.stages import STAGES

    return (stage.name for stage in STAGES)


@_names
def profiles(context: click.Context) -> Iterable[str]:
    """The profiles of the contract that the line names, else of all."""
    return chain.from_iterable(contract.profiles for contract in _contracts(context))


def _contracts(context: click.Context) -> Iterable[Contract]:
    from mockserver.contract.loader import compile_contract
    from mockserver.media.picture import measure

    known, params = _known(context), context.params
    named = {params.get("provider"), params.get("name"), *(params.get("providers") or ()), *context.args}
    chosen = [known[name] for name in named if name in known] or known.values()
    return (compile_contract(placement.read(), measure=measure, sound=True) for placement in chosen)


def _known(context: click.Context) -> Mapping[str, Placement]:
    from mockserver.contract import registry

    roots = context.params.get("roots") or context.params.get("contracts") or ()
    return registry.known(registry.ContractSources(tuple(roots)))
