"""The URL of a list's next page."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from mockserver.engine.request_context import RequestContext


def next_url(context: RequestContext) -> str | None:
    """The request's own URL with the next cursor, number or offset; None where there are no more jobs."""
    request, page, cursor = context.request, context.operation.page, context.page.cursor
    query = context.parameters.get("query", {})
    if cursor is None:
        return None
    if page.cursor is not None:
        name, value = page.cursor, cursor
    elif page.number is not None:
        name, value = page.number, str(int(query.get(page.number, 1)) + 1)
    elif page.offset is not None:
        name, value = page.offset, str(int(query.get(page.offset, 0)) + len(context.jobs))
    else:
        return None
    others = [field for field in parse_qsl(request.query, keep_blank_values=True) if field[0] != name]
    return f"{request.base}{request.path}?{urlencode([*others, (name, value)])}"
