"""The law that a protocol rests on: its register (appendix 3), what has changed in it, the clauses that this marks."""
