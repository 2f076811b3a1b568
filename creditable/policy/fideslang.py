"""A policy and the data map in fideslang, the language in which privacy programs describe systems.

Everything is a plain value, to be written as YAML. The program is one system, each recipient
another; a rule is a privacy declaration with a flow to whoever it names, and so is each class of
data that is kept. Categories, groups and purposes that fideslang does not know are declared.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from creditable.policy.contents import Policy
from creditable.policy.datamap import ColumnAnswer, DataMap

_KEYS = """
    system system.authentication system.operations user user.account user.account.settings
    user.account.username user.authorization user.authorization.biometric
    user.authorization.credentials user.authorization.password user.behavior
    user.behavior.browsing_history user.behavior.media_consumption
    user.behavior.purchase_history user.behavior.search_history user.biometric
    user.biometric.fingerprint user.biometric.health user.biometric.retinal
    user.biometric.voice user.childrens user.contact user.contact.address
    user.contact.address.city user.contact.address.country user.contact.address.postal_code
    user.contact.address.state user.contact.address.street user.contact.email
    user.contact.fax_number user.contact.organization user.contact.phone_number
    user.contact.url user.content user.content.private user.content.public
    user.content.self_image user.criminal_history user.demographic
    user.demographic.age_range user.demographic.date_of_birth user.demographic.gender
    user.demographic.language user.demographic.marital_status
    user.demographic.political_opinion user.demographic.profile
    user.demographic.race_ethnicity user.demographic.religious_belief
    user.demographic.sexual_orientation user.device user.device.cookie
    user.device.cookie_id user.device.device_id user.device.ip_address user.financial
    user.financial.bank_account user.financial.credit_card user.government_id
    user.government_id.birth_certificate user.government_id.drivers_license_number
    user.government_id.immigration user.government_id.national_identification_number
    user.government_id.passport_number user.government_id.vehicle_registration
    user.health_and_medical user.health_and_medical.genetic
    user.health_and_medical.insurance_beneficiary_id user.health_and_medical.record_id
    user.job_title user.location user.location.imprecise user.location.precise user.name
    user.name.first user.name.last user.payment user.privacy_preferences user.sensor
    user.social user.telemetry user.unique_id user.unique_id.pseudonymous user.user_sensor
    user.workplace
"""
CATEGORIES = frozenset(_KEYS.split())
"""Those of fideslang 3.1; all others are declared in the export."""
SUBJECTS = frozenset({"customer", "visitor"})
BASES: Mapping[str, str] = {
    "consent": "Consent",
    "contract": "Contract",
    "legal_obligation": "Legal obligations",
    "vital_interests": "Vital interests",
    "public_task": "Public interest",
    "legitimate_interest": "Legitimate interests",
}


def export(policy: Policy, answers: DataMap) -> dict[str, object]:
    """The manifest: lists of resources by their kind."""
    dataset = f"{policy.id}.database"
    resources: dict[str, list[dict[str, object]]] = {
        "organization": [
            {"fides_key": policy.id, "name": policy.controller.name}
            | {"controller": vars(policy.controller)}
        ],
        "data_category": list(_categories(policy)),
        "data_subject": [
            {"fides_key": name, "name": label}
            for name, label in policy.groups.items()
            if name not in SUBJECTS
        ],
        "data_use": [
            {"fides_key": _use(name), "name": purpose.label}
            for name, purpose in policy.purposes.items()
        ],
        "dataset": [
            {
                "fides_key": dataset,
                "name": "the database",
                "collections": list(_collections(answers)),
            }
        ],
        "system": [_program(policy, answers, dataset), *_others(policy)],
    }
    for kind, listed in resources.items():
        if kind != "organization":
            for resource in listed:
                resource["organization_fides_key"] = policy.id
    return dict(resources)


def _categories(policy: Policy) -> Iterable[dict[str, object]]:
    """Ours, each with those above it that nobody has declared."""
    steps = {
        ".".join(parts[: length + 1])
        for parts in (name.split(".") for name in policy.categories)
        for length in range(len(parts))
    }
    for name in sorted(steps - CATEGORIES):
        label = policy.categories.get(name, name)
        yield {"fides_key": name, "name": label, "parent_key": name.rpartition(".")[0]}


def _use(purpose: str) -> str:
    """A dot would make it the child of another use."""
    return purpose.replace(".", "_")


def _system(policy: Policy, recipient: str) -> str:
    return f"{policy.id}.{recipient}"


def _program(policy: Policy, answers: DataMap, dataset: str) -> dict[str, object]:
    flows: dict[str, set[str]] = defaultdict(set)
    for rule in policy.rules:
        for recipient in rule.permit.recipients:
            flows[recipient].update(rule.permit.categories)
    return {
        "fides_key": policy.id,
        "name": policy.controller.name,
        "system_type": "Application",
        "dataset_references": [dataset],
        "egress": [
            {
                "fides_key": _flow(policy, name),
                "type": "user" if name == "self" else "system",
                "data_categories": sorted(categories),
            }
            for name, categories in flows.items()
        ],
        "privacy_declarations": [*_released(policy), *_kept(policy, answers, dataset)],
        "legal_name": policy.controller.name,
        "legal_address": policy.controller.address,
    }


def _released(policy: Policy) -> Iterable[dict[str, object]]:
    for rule in policy.rules:
        permit = rule.permit
        others = [policy.recipients[name].label for name in permit.recipients if name != "self"]
        for purpose in permit.purposes:
            yield _declaration(policy, rule.id, purpose, permit.categories) | {
                "data_subjects": list(permit.groups),
                "egress": [_flow(policy, name) for name in permit.recipients],
                "data_shared_with_third_parties": bool(others),
                "third_parties": "; ".join(others),
                "shared_categories": list(permit.categories) if others else [],
            }


def _kept(policy: Policy, answers: DataMap, dataset: str) -> Iterable[dict[str, object]]:
    lying: dict[str, set[str]] = defaultdict(set)
    for leaf in answers.leaves():
        if leaf.category is not None and leaf.retention is not None:
            lying[leaf.retention].add(leaf.category)
    for name, kept in policy.retention.items():
        for purpose in kept.purposes:
            yield _declaration(policy, f"retention.{name}", purpose, sorted(lying[name])) | {
                "legal_basis_for_processing": BASES[kept.basis],
                "retention_period": kept.time,
                "dataset_references": [dataset],
            }


def _flow(policy: Policy, recipient: str) -> str:
    return "user" if recipient == "self" else _system(policy, recipient)


def _declaration(
    policy: Policy, name: str, purpose: str, categories: Iterable[str]
) -> dict[str, object]:
    return {
        "name": f"{name}: {policy.purposes[purpose].label}",
        "data_categories": list(categories),
        "data_use": _use(purpose),
        "legal_basis_for_processing": BASES[policy.purposes[purpose].basis],
        "flexible_legal_basis_for_processing": False,
    }


def _others(policy: Policy) -> Iterable[dict[str, object]]:
    for name, recipient in policy.recipients.items():
        if name != "self":
            yield {
                "fides_key": _system(policy, name),
                "name": recipient.label,
                "description": f"in {policy.regions[recipient.region]}",
                "system_type": "Third Party",
                "privacy_declarations": [],
            }


def _collections(answers: DataMap) -> Iterable[dict[str, object]]:
    tables: dict[str, list[ColumnAnswer]] = defaultdict(list)
    for answer in answers.answers.values():
        tables[answer.table].append(answer)
    for table, columns in sorted(tables.items()):
        yield {"name": table, "fields": [_field(answer, answer.column) for answer in columns]}


def _field(answer: ColumnAnswer, name: str) -> dict[str, object]:
    field: dict[str, object] = {"name": name}
    if answer.inner:
        field["fields"] = [_field(inner, key) for key, inner in answer.inner.items()]
    elif answer.category is not None:
        field["data_categories"] = [answer.category]
    else:
        field["description"] = answer.reason
    return field
