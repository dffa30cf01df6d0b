"""The stages of a run, one a file, in the order of this list: from what is free to what is paid."""

from __future__ import annotations

from mockserver.kit.verify.context import Stage
from mockserver.kit.verify.stages.access import AccessStage
from mockserver.kit.verify.stages.callbacks import CallbackStage
from mockserver.kit.verify.stages.cancel import CancelStage
from mockserver.kit.verify.stages.job import JobStage
from mockserver.kit.verify.stages.listing import ListingStage
from mockserver.kit.verify.stages.refusals import RefusalStage
from mockserver.kit.verify.stages.sequences import SequenceStage
from mockserver.kit.verify.stages.single import SingleStage

STAGES: tuple[Stage, ...] = (
    AccessStage(),
    ListingStage(),
    RefusalStage(),
    JobStage(),
    CancelStage(),
    CallbackStage(),
    SingleStage(),
    SequenceStage(),
)
