"""The steering group's paper on complaints: Markdown for Prefect's artifact, and HTML that stands alone.

Both, and the command line's text, say the same: what `complaint_sections` makes of the numbers.
"""

from notifications.complaint_sections import Facts, paper_of
from notifications.papers import papers
from notifications.pictures import figure


def paper_markdown(facts: Facts) -> str:
    return papers().get_template("complaints.md").render(paper=paper_of(facts))


def paper_html(facts: Facts) -> str:
    """One file that needs nothing else: no script, no style sheet or picture of elsewhere."""
    return papers(html=True).get_template("complaints.html").render(paper=paper_of(facts), figure=figure)
