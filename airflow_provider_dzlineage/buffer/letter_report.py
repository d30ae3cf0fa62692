"""What became of dead letters."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

_ALWAYS_SAID = ("examined", "matched", "dry_run")


@dataclass(frozen=True)
class LetterReport:
    """What became of the dead letters; each number is one of letters.

    After a redrive ``matched = sent + duplicates + came_back + refused``; after a drop
    ``matched = dropped + undeleted``.

    :param examined: that were looked at.
    :param matched: of them, that were meant.
    :param sent: that are in the buffer again.
    :param duplicates: that were deleted because another one with the same event was sent.
    :param hopeless: that did not count as meant because they would only come back, and nobody asked for them by reason.
    :param came_back: that stay because this redrive had sent the same event already: it failed again meanwhile.
    :param refused: that stay because SQS did not take them into the buffer.
    :param dropped: that were deleted without being sent.
    :param undeleted: that SQS did not delete; those of them that were sent will be sent again as the same event.
    :param unseen: that could not be looked at, as SQS counts them: in other hands, or behind others of their group.
    :param dry_run: nothing was sent or deleted; the numbers say what would have been.
    """

    examined: int = 0
    matched: int = 0
    sent: int = 0
    duplicates: int = 0
    hopeless: int = 0
    came_back: int = 0
    refused: int = 0
    dropped: int = 0
    undeleted: int = 0
    unseen: int = 0
    dry_run: bool = False

    @property
    def needs_a_look(self) -> bool:
        """Whether something that was meant is still there and should not be."""
        return bool(self.came_back or self.refused or self.undeleted)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a JSON value."""
        return asdict(self)

    def line(self) -> str:
        """Return the report for a person: what happened at all."""
        counts = {name: count for name, count in asdict(self).items() if count and name not in _ALWAYS_SAID}
        details = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items())
        would_be = "dry run: " if self.dry_run else ""
        return f"{would_be}examined {self.examined}, matched {self.matched}: {details or 'nothing to do'}"
