"""How much the lab reads of a learner's app at most, so that no app fills the judge's memory."""

from __future__ import annotations

MEGABYTE = 1_000_000
ANSWER_BYTES = 5 * MEGABYTE  # of one answer, unpacked
REDIRECTS = 20  # followed for one request, as a browser does
EVENT_BYTES = 64 * MEGABYTE  # from the probe of one process: some 15,000 requests
LOG_BYTES = 100_000  # of a longer log, its end is read
