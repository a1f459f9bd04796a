"""The file's parties and contacts: who is new joins, who is gone leaves, who has moved is reached there."""

from collections.abc import Mapping

from sqlmodel import col, select

from actions.cast import known_id
from actions.load_report import Loading
from actions.membership import absent_until, correct_address, leave, said_of_absence
from actions.newcomers import ask_newcomers_to_adopt
from actions.parties import become_party
from actions.policy import zone_of
from models.protocol import Contact, Party, Role
from models.protocol_file.shapes import PartyEntry
from rules.instants import local_day
from rules.sentences import written_day

Contacts = Mapping[tuple[int | None, Role], Contact]


def load_officers(loading: Loading) -> None:
    """The secretary and the adviser first: whatever is said to a party names the secretary."""
    contacts = _contacts(loading)
    named = loading.file.identity.contacts
    for role, address in ((Role.SECRETARY, named.secretary), (Role.ADVISER, named.adviser)):
        _load_contact(loading, contacts, None, role, address)
    loading.session.flush()


def load_parties(loading: Loading) -> None:
    known = {party.slug: party for party in _stored_parties(loading)}
    same = 0
    for entry in loading.file.parties:
        party = known.get(entry.id)
        if party is None:
            known[entry.id] = _create(loading, entry)
        else:
            same += not _update(loading, party, entry)
    loading.same(same, "party", "parties")
    loading.session.flush()
    contacts = _contacts(loading)
    for entry in loading.file.parties:
        for role, address in _addresses(entry):
            _load_contact(loading, contacts, known[entry.id], role, address)
    loading.session.flush()
    _take_leave(loading, contacts, known)


def _stored_parties(loading: Loading) -> list[Party]:
    statement = select(Party).where(Party.protocol_id == loading.protocol.id)
    return list(loading.session.exec(statement.order_by(col(Party.id))))


def _contacts(loading: Loading) -> dict[tuple[int | None, Role], Contact]:
    found = loading.session.exec(select(Contact).where(Contact.protocol_id == loading.protocol.id))
    return {(contact.party_id, contact.role): contact for contact in found}


def _addresses(entry: PartyEntry) -> list[tuple[Role, str | None]]:
    """The file calls each role by its own name."""
    return [(Role(role), address) for role, address in entry.contacts.model_dump(by_alias=True).items()]


def _create(loading: Loading, entry: PartyEntry) -> Party:
    """Later than the first load a new party joins: in the middle of a review it is asked too."""
    today = local_day(loading.now, zone_of(loading.protocol))
    is_to_join = entry.joined is not None and entry.joined.first > today
    if loading.first or entry.left or is_to_join:
        return _add(loading, entry)
    party = become_party(
        loading.session, loading.now, loading.protocol, entry.id, entry.name, entry.kind, entry.nation,
        entry.contacts.lead_member, loading.by,
    )  # fmt: skip
    party.aliases, party.joined_on = list(entry.aliases), entry.joined.first if entry.joined else party.joined_on
    loading.session.add(party)
    loading.created.append(f"{entry.name} is a party.")
    loading.joined = True
    return party


def ask_who_is_new(loading: Loading) -> None:
    """Once the register is there: whoever has signed is not asked to."""
    if loading.joined:
        ask_newcomers_to_adopt(loading.session, loading.now, loading.protocol)


def _add(loading: Loading, entry: PartyEntry) -> Party:
    """Nobody is asked anything."""
    party = Party(
        protocol_id=known_id(loading.protocol), slug=entry.id, name=entry.name, aliases=list(entry.aliases),
        kind=entry.kind, nation=entry.nation, joined_on=entry.joined.first if entry.joined else None,
        left_on=entry.left.last if entry.left else None,
    )  # fmt: skip
    loading.session.add(party)
    loading.session.flush()
    loading.create(f"{entry.name} is a party.", "party added by file", party=entry.id)
    return party


def _update(loading: Loading, party: Party, entry: PartyEntry) -> bool:
    """True when something differed. A day of joining that only the store knows stays."""
    joined_on = entry.joined.first if entry.joined else party.joined_on
    values = {
        "name": entry.name, "aliases": list(entry.aliases), "kind": entry.kind,
        "nation": entry.nation, "joined_on": joined_on,
    }  # fmt: skip
    name, changed = party.name, loading.update(party, values)
    if changed:
        fields = ", ".join(field.removesuffix("_on") for field in changed)
        loading.change(f"{name}: {fields} changed.", "party changed by file", party=party.slug, changed=changed)
    return bool(changed)


def _load_contact(loading: Loading, contacts: Contacts, party: Party | None, role: Role, address: str | None) -> None:
    """The file's address, unless the store's was corrected since the last load."""
    contact = contacts.get((party.id if party else None, role))
    whose = f"the {role.value} of {party.name}" if party else f"the {role.value}"
    if contact is None:
        if address is not None:
            _name_contact(loading, party, role, address, whose)
    elif address is None:
        if contact.address_in_file is not None:
            loading.keep(f"The file names {whose} no more; {contact.address} is kept.")
    elif contact.address == address:
        loading.update(contact, {"address_in_file": address})
    elif contact.address != contact.address_in_file:
        loading.keep(f"The address of {whose} was corrected here: {contact.address} is kept, not {address}.")
    else:
        correct_address(loading.session, loading.now, contact, address, loading.by)
        contact.address_in_file = address
        absence = said_of_absence(contact, absent_until(contact, local_day(loading.now, zone_of(loading.protocol))))
        loading.changed.append(f"The address of {whose} is {address}.{absence}")


def _name_contact(loading: Loading, party: Party | None, role: Role, address: str, whose: str) -> None:
    row = Contact(
        protocol_id=known_id(loading.protocol), party_id=party.id if party else None, role=role,
        address=address, address_in_file=address,
    )  # fmt: skip
    loading.session.add(row)
    slug = party.slug if party else None
    if not loading.first:
        loading.create(f"{address} is {whose}.", "contact named", party=slug, role=role.value)


def _take_leave(loading: Loading, contacts: Contacts, known: Mapping[str, Party]) -> None:
    """Who is no longer in the file, or is said there to have left. Who joined here by itself is not the file's."""
    today = local_day(loading.now, zone_of(loading.protocol))
    entries = {entry.id: entry for entry in loading.file.parties}
    for slug, party in known.items():
        entry, lead = entries.get(slug), contacts.get((party.id, Role.LEAD_MEMBER))
        if party.left_on is not None:
            if entry is not None and entry.left is None:
                loading.keep(
                    f"{party.name} left on {written_day(party.left_on)} and stays away, although the file lists it."
                )
        elif entry is None and (lead is None or lead.address_in_file is None):
            loading.keep(f"{party.name} joined here and is not in the file: it stays.")
        elif entry is None:
            _leave(loading, party, "It is no longer in the protocol's file.")
        elif entry.left and entry.left.last > today:
            loading.keep(f"{party.name} is to leave on {written_day(entry.left.last)}: load the file again then.")
        elif entry.left:
            _leave(loading, party, f"The protocol's file says that it left {entry.left.when}.")
            party.left_on = entry.left.last


def _leave(loading: Loading, party: Party, because: str) -> None:
    leave(loading.session, loading.now, party, loading.by, because)
    loading.changed.append(f"{party.name} has left. {because}")
