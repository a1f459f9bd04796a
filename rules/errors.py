"""The one base of every refusal, so that each face can catch it and say its sentence."""


class Refused(Exception):  # noqa: N818 - errors here are named for the rule that was broken
    """A rule says no; the message is a sentence for the person who meets it."""
