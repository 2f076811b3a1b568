"""A policy small enough to be read at a glance, and whole enough to be published."""

from pathlib import Path

POLICY = """\
policy:
  id: example
  version: 2
  supersedes: 1
  effective: 2026-01-31
  region: here
  controller: {name: Example, address: 1 Road, email: us@example.com, phone: "1"}
  authority: {name: the office, website: https://example.com/}
categories:
  - user.name: your name
  - user.contact.email: your e-mail address
  - user.contact.address: your postal address
  - user.contact.address.street: your street
  - user.contact.address.city: your city
regions: {here: "Ohio, United States", there: Canada}
recipients:
  board: {label: boards, region: here}
  board.one: {label: the first board, region: here}
  renter: {label: those who rent lists, region: there}
stores:
  server: {label: the server, region: here, keeps: order}
purposes:
  licensure: {label: your license, basis: contract}
  offers: {label: offers, basis: legitimate_interest}
channels: {https: an encrypted connection, manual: hand}
groups: {customer: customers, minor: minors}
choices:
  offers.others:
    {label: offers of others, default: allow, covers: {recipient: renter}, gpc: deny}
"""

RULES = """\
rules:
  - id: report
    permit:
      {categories: user.name, recipient: board, purpose: licensure, channel: https, group: customer}
  - id: rent
    permit:
      categories: [user.name, user.contact.address]
      recipient: renter
      purpose: offers
      channel: manual
      group: customer
    unless: [offers.others]
never:
  - {id: mail, categories: user.contact.email, recipient: renter}
aggregates:
  figures: {label: figures, metrics: [hits], min_contributors: 20, epsilon: 1/4, per_year: 4}
retention:
  order:
    {label: orders, clock: placed, keep: P7Y, then: erase, purpose: offers, basis: contract}
minors: {child_under: 13, purchase_age: 18}
measures:
  idle: {label: idle sessions end, value: PT10M, promises: [A18]}
forms:
  profile:
    label: your profile
    fields: {name: user.name, street: user.contact.address.street, city: user.contact.address.city}
    purpose: [licensure, offers]
    notice: We use {categories of form.profile} for {purposes of form.profile}. You may stop us.
    clause: rent
"""

CLAUSES = """\
clauses:
  - section: {id: top, title: What we do}
    clauses:
      - id: hello
        text: We are {name of controller}. This is version {version of policy} of {date of policy}.
      - id: report
        text: We will send {categories of report} to {recipients of report}.
        binds: [report]
        promises: [A11]
      - id: rent
        text: >-
          We may rent {categories of rent} unless you say no to {label of choice.offers.others}.
          We never rent {categories of never.mail}. Only groups of
          {min_contributors of aggregate.figures} count.
        binds: [rent, never.mail, choice.offers.others, aggregate.figures]
  - section: {id: end, title: How it ends}
    clauses:
      - id: keep
        text: Orders stay {keep of retention.order}. Sessions end after {value of measure.idle}.
        binds: [retention.order, measure.idle]
      - id: where
        text: We keep it in {region of store.server}.
        binds: [store.server]
        table: stores
      - {id: whom, text: These get it., table: recipients}
"""


def write(folder: Path, *changes: tuple[str, str]) -> Path:
    """The example as files in a folder, with pieces of its text exchanged."""
    files = {"a.yaml": POLICY, "b.yaml": RULES, "c.yaml": CLAUSES}
    for old, new in changes:
        files = {name: text.replace(old, new) for name, text in files.items()}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
