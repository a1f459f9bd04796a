"""The one base of every refusal, so that each face can catch it and say its sentence."""


class Refused(Exception):
    """A rule says no; the message is a sentence for the person who meets it."""
