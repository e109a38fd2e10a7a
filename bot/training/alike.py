"""Groups of questions that are nearly the same, together: what a database counted apart by one letter or word."""

from __future__ import annotations

from collections.abc import Sequence

from bot.storage.review import Group
from bot.training.near_duplicates import near_pairs, neighbours_of


def merged(groups: Sequence[Group]) -> list[tuple[Group, ...]]:
    """Put groups with nearly the same signature together.

    Args:
        groups: the most important ones first; 200 take a few milliseconds.

    Returns:
        Groups that belong together, the most important one of each first; those with most questions first. Each is near
        the first one of its own: nearness does not go from one to the next.
    """
    near = neighbours_of(near_pairs([group.signature for group in groups]))
    taken: set[int] = set()
    found = []
    for number, group in enumerate(groups):
        if number in taken:
            continue
        others = sorted(other for other in near.get(number, ()) if other > number and other not in taken)
        taken.update(others)
        found.append((group, *(groups[other] for other in others)))
    return sorted(found, key=lambda together: -sum(group.count for group in together))
