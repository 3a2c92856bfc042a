"""Which steps of a piece of work are killed: all of them, or a sample that keeps those around the commits."""

from collections.abc import Sequence

SAMPLE = 4


def chosen_steps(names: Sequence[str], *, is_full: bool) -> list[int]:
    """Step numbers from 1."""
    every = range(1, len(names) + 1)
    if is_full:
        return list(every)
    around_commits = [step for step in every if names[step - 1].endswith("COMMIT")][-2:]
    evenly = [every[place * len(every) // SAMPLE] for place in range(SAMPLE)]
    return sorted({*around_commits, *evenly})
