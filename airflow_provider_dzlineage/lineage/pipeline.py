"""What a site has set about its events: which are posted at all, and what is repaired in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from airflow_provider_dzlineage.errors import TransformFailedError
from airflow_provider_dzlineage.lineage.filters import Filters
from airflow_provider_dzlineage.lineage.merging import unite_datasets
from airflow_provider_dzlineage.lineage.raw_event import is_own_job
from airflow_provider_dzlineage.lineage.transform import Event, NamedTransform, Skip, Step, steps

_NEWS_WITHOUT_DATASETS = ("FAIL", "ABORT")


@dataclass(frozen=True)
class Rules:
    """The rules of one site. Safe to share between threads as far as its transforms are.

    :param transforms: in the order in which they are applied.
    :param filters: which events are wanted, by the names that producers gave.
    :param skip_empty: whether events that draw nothing are skipped.
    :param redact_text: takes the secrets out of a text that somebody reads, or that becomes a dead letter.
    """

    transforms: Sequence[NamedTransform] = ()
    filters: Filters = field(default_factory=Filters)
    skip_empty: bool = True
    redact_text: Callable[[str], str] = str

    def apply(self, event: Event, text: bytes | None = None) -> Event | Skip:
        """Repair one event, or say why it is not to be posted.

        :param event: a parsed and valid run event; it stays as it is.
        :param text: its JSON, if it is at hand: with it most transforms need not look into the event.
        :raises TransformFailedError: when a transform raises, or what it makes is no run event any more.
        :raises LookupFailedError: when what a name means could not be asked.
        """
        if skip := self.refuse(event):
            return skip
        before = event
        for step in self.steps(event, text):
            if isinstance(step.after, Skip):
                return step.after
            event = step.after
        return self._refuse_empty(event) or (event if event is before else unite_datasets(event))

    def steps(self, event: Event, text: bytes | None = None) -> Iterator[Step]:
        """Apply the transforms one after the other; a skip ends it.

        :param text: the event's JSON, if it is at hand.
        :raises TransformFailedError: as :meth:`apply`; without the secrets that a transform may repeat.
        """
        try:
            yield from steps(event, self.transforms, text)
        except TransformFailedError as error:
            raise TransformFailedError(error.name, self.redact_text(error.problem)) from error

    def refuse(self, event: Event) -> Skip | None:
        """Say why an event is not to be posted, before anything is repaired in it."""
        if is_own_job(event):
            return Skip("own_job")
        if reason := self.filters.reason_to_skip(event):
            return Skip(reason)
        # A transform of somebody else's may bring datasets.
        is_final = not any(transform.is_foreign for transform in self.transforms)
        return self._refuse_empty(event) if is_final else None

    def _refuse_empty(self, event: Event) -> Skip | None:
        return Skip("draws_nothing") if self.skip_empty and draws_nothing(event) else None


def draws_nothing(event: Event) -> bool:
    """Tell whether a graph is the same without an event: it has no dataset, and brings no bad news of its run."""
    has_datasets = bool(event.get("inputs") or event.get("outputs"))
    return not has_datasets and event.get("eventType") not in _NEWS_WITHOUT_DATASETS
