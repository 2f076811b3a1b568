"""A policy in the W3C's Data Privacy Vocabulary (DPV 2), as JSON-LD.

Each rule is a process on personal data with its purposes, recipients and legal basis. Purposes and
categories are our own concepts, each of DPV's type; the best known of them name the broader one.
"""

from creditable.policy.contents import Policy

DPV = "https://w3id.org/dpv#"
BASES = {
    "consent": "Consent",
    "contract": "Contract",
    "legal_obligation": "LegalObligation",
    "vital_interests": "VitalInterest",
    "public_task": "PublicInterest",
    "legitimate_interest": "LegitimateInterest",
}
BROADER = {
    "account": "AccountManagement",
    "security": "EnforceSecurity",
    "order": "CustomerOrderManagement",
    "support": "CustomerCare",
    "offers": "DirectMarketing",
}
CONTEXT: dict[str, object] = {
    "dpv": DPV,
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "schema": "https://schema.org/",
}


def export(policy: Policy) -> dict[str, object]:
    """The document: one graph whose names begin with the policy and its version."""
    return {
        "@context": CONTEXT | {"policy": f"urn:policy:{policy.id}:{policy.version}:"},
        "@graph": [
            _head(policy),
            *(_concept("category", name, label, "PersonalData") for name, label in _data(policy)),
            *(
                _concept("purpose", name, purpose.label, "Purpose", BROADER.get(name))
                for name, purpose in policy.purposes.items()
            ),
            *(
                _concept("group", name, label, "DataSubject")
                for name, label in policy.groups.items()
            ),
            *(
                _concept(
                    "recipient",
                    name,
                    recipient.label,
                    "DataProcessor" if policy.needs_contract(name) else "Recipient",
                )
                for name, recipient in policy.recipients.items()
            ),
            *_processes(policy),
        ],
    }


def _data(policy: Policy) -> list[tuple[str, str]]:
    """A category of the system names nobody."""
    return [(name, label) for name, label in policy.categories.items() if name.startswith("user")]


def _head(policy: Policy) -> dict[str, object]:
    return {
        "@id": "policy:policy",
        "@type": "dpv:PrivacyNotice",
        "dcterms:identifier": policy.sha256,
        "dcterms:issued": policy.effective.isoformat(),
        "dpv:hasDataController": {
            "@type": "dpv:DataController",
            "schema:name": policy.controller.name,
            "schema:address": policy.controller.address,
            "schema:email": policy.controller.email,
            "schema:telephone": policy.controller.phone,
        },
        "dpv:hasPersonalDataProcess": [{"@id": process["@id"]} for process in _processes(policy)],
    }


def _concept(
    kind: str, name: str, label: str, type: str, broader: str | None = None
) -> dict[str, object]:
    concept: dict[str, object] = {
        "@id": _id(kind, name),
        "@type": [f"dpv:{type}", "skos:Concept"],
        "skos:prefLabel": {"@value": label, "@language": "en"},
    }
    if broader:
        concept["skos:broader"] = {"@id": f"dpv:{broader}"}
    return concept


def _processes(policy: Policy) -> list[dict[str, object]]:
    """A rule for each of its purposes, since each rests on its own basis."""
    return [
        {
            "@id": f"{_id('rule', rule.id)}:{purpose}",
            "@type": "dpv:PersonalDataProcess",
            "dpv:hasPurpose": {"@id": _id("purpose", purpose)},
            "dpv:hasLegalBasis": {"@id": f"dpv:{BASES[policy.purposes[purpose].basis]}"},
            "dpv:hasPersonalData": _ids("category", rule.permit.categories),
            "dpv:hasRecipient": _ids("recipient", rule.permit.recipients),
            "dpv:hasDataSubject": _ids("group", rule.permit.groups),
        }
        for rule in policy.rules
        for purpose in rule.permit.purposes
    ]


def _id(kind: str, name: str) -> str:
    return f"policy:{kind}:{name}"


def _ids(kind: str, names: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"@id": _id(kind, name)} for name in names]
