"""What two follow-ups of one party may differ in when their breaches turn out to be one. Somebody then looks again."""

from enum import StrEnum


class Differs(StrEnum):
    CAPACITY = "capacity"
    REGIME = "regime"
    CONCLUSION = "conclusion"
    DUTIES = "duties"


# For the party: each completes “they differ in this:”.
IN_WORDS = {
    Differs.CAPACITY: "whether it acts as a controller or as a processor",
    Differs.REGIME: "the Act that it acts under",
    Differs.CONCLUSION: "what was concluded: the stricter of the two stands",
    Differs.DUTIES: "what is required: what was in either of them still is",
}
