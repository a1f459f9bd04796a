"""Words by which a name is guessed, and words with a capital that are nobody's name. Data for `seeming_names`.

All in small letters. None of the lists is whole: what they miss a person still sees.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Before a name. The first are abbreviations, which may have a full stop.
SHORT_TITLES = _words(
    "mr mrs ms mx dr prof cllr rev revd fr sgt insp supt pc dc ds di dci dsu wpc pcso capt lt col cpl hon"
)
LONG_TITLES = _words(
    "miss sir lady lord dame baroness baron reverend canon rabbi imam judge justice nurse matron midwife constable "
    "sergeant inspector superintendent detective officer captain major colonel lieutenant corporal professor doctor "
    "councillor"
)
# Whoever is said to be somebody's: “her brother Jack”.
KIN = _words(
    "brother sister son daughter mother father mum dad stepfather stepmother stepson stepdaughter wife husband uncle "
    "aunt cousin nephew niece grandfather grandmother grandson granddaughter boyfriend girlfriend neighbour friend "
    "colleague"
)
# Written without a capital these are still a title, whatever follows: “mrs patel”.
ALWAYS_TITLES = frozenset({"mr", "mrs"})
# Verbs and nouns as well: a title only with a capital.
TITLES_WITH_A_CAPITAL = _words("miss major justice judge lord canon officer hon col")

PARTICLES = _words("van von de der den al el bin ibn le la du da di")

# What a sentence may begin with, or what goes on after a title that names nobody.
FUNCTION = _words(
    "a about after all also although an and any anybody are as asked at because been before both but by can could did "
    "do does during each either every for from had has have he her here him his how however i if in instead into is "
    "it its just later many may most must my neither never no nobody nor not nothing now of on once one only or other "
    "others our out over rang said same seen she should since so some somebody soon staff still such than that the "
    "their them then there these they this those though through to told two three four five today tomorrow unknown "
    "until up was we were what when where which while who whoever whose why will with without would yesterday yet you "
    "your"
)

# Ends a name that is a place's or a body's: the whole of it is then nobody's.
PLACES = _words(
    "academy ambulance arena avenue bank building centre chambers chapel charity church city clinic close club "
    "college company constabulary council court crescent district drive estate farm foundation garden gardens green "
    "group hall hill home homes hospice hospital hotel house infirmary lane library limited lodge ltd mall market "
    "museum nursery park partnership place plc police practice primary prison road school services station street "
    "surgery terrace town trust university village ward way wing works yard"
)

# Offices, law, calendars, bodies and things, in any place of a row.
ORDINARY = _words(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december christmas easter ramadan eid diwali new year boxing day bank holiday act "
    "acts action acting adult adults advice adviser advisory agreement annex appendix application article assessment "
    "assistant audit authority authorities board borough breach britain british caldicott care central chair chairman "
    "chancellor chief child children children's clause clerk clinical code commission commissioner commissioner's "
    "commissioning committee community complaints conduct contact control controller coordinator council's county "
    "criminal crown customer customs data department deputy designated desk detention digital director directorate "
    "disability division domestic duty east education emergency england english equality european executive family "
    "financial fire force framework fraud freedom front gdpr general government governance great guardian guidance "
    "head health heart helpdesk highways home house housing human ict impact incident information integrated "
    "intelligence investigation investigator ireland joint kingdom law lead leader legal licensing line local london "
    "major manager manual mayor medical member memorandum mental midlands ministry minister multi-agency national nhs "
    "north northern notice notification nursing office officers operations order panel part parish parliament partner "
    "partners party people personnel plan planning policy post practitioner president privacy probation procedure "
    "processor programme protection protocol provider public quality queen king prince princess duke records recovery "
    "referral region regional register registrar registry regulation regulations regulator representative rescue "
    "response review rights risk royal safeguarding safety sar schedule scotland scottish secretary section secure "
    "security senior serious service sharing sheriff siro social south southern special specialist standards state "
    "steering student support surveillance system systems team technical the title trading training transport "
    "treasury tribunal understanding union unit united urgent victim wales welsh west western witness work worker "
    "working workers young youth zone access acrobat adobe amazon android apple azure chrome dropbox egress email "
    "excel exchange facebook firefox forms gmail google instagram internet intranet iphone linkedin linux microsoft "
    "mac onedrive onenote oracle outlook powerpoint project sharepoint skype sql teams twitter whatsapp wi-fi windows "
    "word world youtube zoom mail drive cloud server"
)

# Some of these are surnames too: after a title they are one.
SURNAMES_TOO = _words("church court farm green hall hill king law may north park prince ward west young")

# What may follow a thing's own name: “the Liquid Logic system”.
THINGS = _words("app application database form helpdesk line platform portal server software system systems team tool")

# Of people, and hardly ever of a place, a month or a thing. One of them alone is enough.
GIVEN = _words(
    "adam adrian ahmed aisha alan alexander alice alison amanda amelia amina amy andrea andrew angela anita anna anne "
    "anthony barbara benjamin bethany brian callum carol caroline catherine charles christine christopher claire "
    "colin craig daniel darren david deborah debbie dennis diana donna dylan edward eleanor elizabeth ella emily emma "
    "eric ethan fatima fiona gareth gary gemma geoffrey george gillian graham hannah harry hassan hayley heather "
    "helen henry hussain ian ibrahim isabella jack jacob jacqueline jake james jamie jane janet jason jean jennifer "
    "jessica joan joanne john jonathan joseph joshua julie karen kathleen keith kelly kenneth kevin khadija kimberley "
    "laura lauren leanne lee liam linda lisa louise lucy luke lynn malcolm margaret maria marie martin mary matthew "
    "megan melissa michael michelle mohamed mohammad mohammed muhammad natalie natasha neil nicholas nicola nigel "
    "noah oliver olivia owen pamela patricia patrick paul pauline peter philip priya rachel raymond rebecca richard "
    "robert roger ryan samantha samuel sandra sarah sean sharon shaun shirley simon sophie stacey stephanie stephen "
    "steven stuart susan thomas timothy tracey valerie vanessa wayne wendy william yasmin yusuf zainab zoe"
)
