"""A thread as people take it elsewhere: an outline, plain data, Mermaid for a wiki, and a drawing."""

from notifications.threads.as_data import as_json
from notifications.threads.drawing import as_svg
from notifications.threads.flowchart import as_mermaid
from notifications.threads.outline import as_text

__all__ = ["as_json", "as_mermaid", "as_svg", "as_text"]
