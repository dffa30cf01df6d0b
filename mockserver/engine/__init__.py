"""From a request to a response, in one pipeline that fits on a screen.

Floor 3. May import `contract`, `jobs`, `stores.base`, `faults`, `media.spec`, `settings` and
`errors`. Knows no web framework.

The code that every request runs is written for speed where that was measured. The pipeline reads its parts
from attributes of its own. `RequestContext`, `Request`, `Response` and `JobView` are dataclasses with slots
and without comparison and repr. `ActionContext` keeps each provider's plan, `Answering` the bodies that
cannot change, `RefusalCache` the explanations. Faults, markers and media are imported when first needed.
"""
