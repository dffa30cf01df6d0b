"""The stages of a run, one a file, in the order of this list: from what is free to what is paid."""

from __future__ import annotations

from mockserver.kit.verify.context import Stage
from mockserver.kit.verify.stages.access import Access
from mockserver.kit.verify.stages.callbacks import Callbacks
from mockserver.kit.verify.stages.job import Job
from mockserver.kit.verify.stages.listing import Listing
from mockserver.kit.verify.stages.refusals import Refusals
from mockserver.kit.verify.stages.sequences import Sequences
from mockserver.kit.verify.stages.single import Single

STAGES: tuple[Stage, ...] = (Access(), Listing(), Refusals(), Job(), Callbacks(), Single(), Sequences())
