"""When does the finder learn from the town's own requests again?"""

from __future__ import annotations

import logging
from datetime import datetime

from casework.office import Office
from routing.classroom import learn_apart
from routing.model import Model
from storage import learning

log = logging.getLogger("townline.finder")
FEWEST_REQUESTS = 50
"""Fewer say less than the town's own words do."""


def learn_again(office: Office, *, now: datetime) -> Model | None:
    """Learn from the ended requests and keep the model; None when there is nothing new to learn.

    Takes seconds, in a child process, and never inside ``writing()``. Raises ``LearningFailed``; the
    model that is there stays then.
    """
    ended = learning.ended()
    if ended.count < FEWEST_REQUESTS:
        return None
    kept = office.learned.model()
    learned_at = office.learned.changed_at()
    is_new = ended.newest is not None and learned_at is not None and ended.newest > learned_at
    if kept is not None and kept.rules_version == office.rulebook.version and not is_new:
        return None
    model = learn_apart(office.rulebook, learning.examples())
    office.learned.save(model)
    log.info("the finder has learned from %d requests: model %s", model.texts, model.version)
    return model
