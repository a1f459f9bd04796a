"""Each fact of a breach as a question, and what helps to answer it."""

from rules.breach_facts import FactName

QUESTIONS = {
    FactName.HAPPENED: "What happened?",
    FactName.KIND: "What kind of event is it?",
    FactName.OCCURRED_FROM: "When did it begin?",
    FactName.OCCURRED_TO: "When did it end?",
    FactName.SUSPECTED: "When did anybody first suspect it?",
    FactName.DETECTED: "When was it noticed for certain?",
    FactName.TOLD: "Who has been told so far?",
    FactName.NATURE: "What is lost?",
    FactName.DATA: "Which kinds of data are concerned?",
    FactName.PEOPLE_KINDS: "Which kinds of people are concerned?",
    FactName.PEOPLE: "How many people are concerned?",
    FactName.RECORDS: "How many records are concerned?",
    FactName.PARTIES: "Which parties may it concern?",
    FactName.DONE: "Which measures have been taken, or are proposed?",
    FactName.CONSEQUENCES: "What are the likely consequences for the people concerned?",
    FactName.CAUSE: "What was the cause?",
    FactName.CLAUSES: "Which clauses of the protocol are concerned?",
    FactName.PROTOCOL_BROKEN: "Was the protocol broken?",
    FactName.PERSONAL_DATA: "Are personal data of living people concerned?",
    FactName.UNINTELLIGIBLE: "Are the data unreadable to whoever has them?",
    FactName.LIKELIHOOD: "How likely is an effect on people, from 1 to 5?",
    FactName.IMPACT: "How large would the effect on people be, from 1 to 5?",
    FactName.IMMEDIATE_RISK: "Is anybody at immediate risk of harm?",
    FactName.SIGNIFICANT_HARM: "Is significant harm likely?",
    FactName.LARGE_NUMBER: "Is a large number of people concerned?",
    FactName.ICT: "Is ICT involved?",
    FactName.NIS: "Are the criteria of the NIS Regulations met?",
}
HINTS = {
    FactName.UNINTELLIGIBLE: "For example encrypted, and the key has not been lost.",
    FactName.PARTIES: "Each one that you tick follows the breach up by its own procedure. One that is not concerned "
    "after all says so itself.",
    FactName.CAUSE: "A few words, without names: later breaches are compared with it.",
}
