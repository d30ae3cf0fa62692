"""Registers the profile ``thorough`` of Hypothesis, for a long look with everything that it finds made small."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("thorough", deadline=None, max_examples=1000, stateful_step_count=40)
