"""What each automatic run does, in a few words."""

FLOWS = {
    "sweep": ("The sweep", "Opens what is due, takes every due step, queues reminders. Every few minutes"),
    "delivery": ("The post", "Sends what waits in the outbox. Every minute or so"),
    "nightly": (
        "The nightly proof",
        "Proves history and all invariants, forgets sign-ins that are over. Every night",
    ),
    "complaint-paper": ("The complaints paper", "Makes the steering group’s papers that are due. Every day"),
    "annual-review": ("A review", "Takes every step that a review is due"),
    "breach-follow-up": ("A breach’s follow-up", "Takes every step that a breach is due"),
    "complaint-analysis": ("A complaint’s analysis", "Takes every step that a complaint is due"),
}


def flow_said(deployment: str) -> str:
    return FLOWS.get(deployment, (deployment, ""))[0]
