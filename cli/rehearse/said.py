"""What is said of an act: a sentence of its own in the timeline, or a step that is counted at the end of the day."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step of a party's own procedure: there are too many of them for a line each."""

    party: str
    late: bool


Said = str | StepTaken
