"""Profiles of Hypothesis: ``default`` for every run of the tests, ``thorough`` for a long look.

Only the thorough one shrinks what it finds, as threads make that slow; it begins with what the default one has found.
"""

from __future__ import annotations

from hypothesis import Phase, settings

_NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)

settings.register_profile("default", deadline=None, max_examples=25, stateful_step_count=20, phases=_NO_SHRINKING)
settings.register_profile("thorough", deadline=None, max_examples=2000, stateful_step_count=60)
settings.load_profile("default")
