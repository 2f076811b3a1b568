"""What other programs read of a policy, read by these programs' own library and vocabulary."""

import json
from pathlib import Path

import pytest
import yaml
from fideslang.default_taxonomy import DEFAULT_TAXONOMY
from fideslang.models import Taxonomy

from creditable.ops.demonstration import providers
from creditable.ops.policy import data_map, main
from creditable.policy import document, dpv, fideslang
from creditable.policy.contents import Policy

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=providers(), scope="module")
def folder(request: pytest.FixtureRequest) -> Path:
    path: Path = ROOT / "demo" / request.param / "policy" / "1"
    return path


@pytest.fixture(scope="module")
def policy(folder: Path) -> Policy:
    return document.load(folder)


@pytest.fixture
def taxonomy(folder: Path, capsys: pytest.CaptureFixture[str]) -> Taxonomy:
    """The export as fideslang's own models, which refuse what they do not understand."""
    assert main(["show", str(folder), "--as", "fideslang"]) == 0
    return Taxonomy.model_validate(yaml.safe_load(capsys.readouterr().out))


def test_its_words_are_those_of_fideslang() -> None:
    assert {category.fides_key for category in DEFAULT_TAXONOMY.data_category} == set(
        fideslang.CATEGORIES
    )
    assert {subject.fides_key for subject in DEFAULT_TAXONOMY.data_subject} >= fideslang.SUBJECTS


def test_each_category_is_one_of_fideslang_or_a_declared_child(
    policy: Policy, taxonomy: Taxonomy
) -> None:
    declared = {category.fides_key: category.parent_key for category in taxonomy.data_category}
    known = {category.fides_key for category in DEFAULT_TAXONOMY.data_category}
    assert not declared.keys() & known
    assert set(policy.categories) <= declared.keys() | known
    assert all(parent in declared or parent in known for parent in declared.values())


def test_each_rule_is_declared_with_its_data_its_ground_and_whom_it_reaches(
    policy: Policy, taxonomy: Taxonomy
) -> None:
    (program,) = (system for system in taxonomy.system if system.fides_key == policy.id)
    said = {declaration.name: declaration for declaration in program.privacy_declarations}
    for rule in policy.rules:
        for purpose in rule.permit.purposes:
            found = said[f"{rule.id}: {policy.purposes[purpose].label}"]
            assert set(found.data_categories) == set(rule.permit.categories)
            assert found.legal_basis_for_processing is not None
            assert (
                found.legal_basis_for_processing.value
                == fideslang.BASES[policy.purposes[purpose].basis]
            )
            assert found.data_shared_with_third_parties == (rule.permit.recipients != ("self",))
    systems = {system.fides_key for system in taxonomy.system} | {"user"}
    subjects = {subject.fides_key for subject in taxonomy.data_subject} | fideslang.SUBJECTS
    uses = {use.fides_key for use in taxonomy.data_use}
    for found in program.privacy_declarations:
        assert set(found.egress or ()) <= systems
        assert set(found.data_subjects) <= subjects
        assert found.data_use in uses


def test_what_is_kept_is_declared_with_its_time_and_every_column_with_its_category(
    policy: Policy, taxonomy: Taxonomy
) -> None:
    (program,) = (system for system in taxonomy.system if system.fides_key == policy.id)
    periods = {
        declaration.name.split(":")[0]: declaration.retention_period
        for declaration in program.privacy_declarations
        if declaration.name and declaration.retention_period
    }
    assert periods == {f"retention.{name}": kept.time for name, kept in policy.retention.items()}
    (dataset,) = taxonomy.dataset
    tables = {collection.name: collection for collection in dataset.collections}
    answers = data_map()
    assert set(tables) == {table for table, _ in answers.answers}
    (number,) = (field for field in tables["people_license"].fields if field.name == "number")
    assert number.data_categories == ["user.government_id.ce_license"]


@pytest.fixture
def graph(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    """The nodes of the JSON-LD document by their ids."""
    assert main(["show", str(folder), "--as", "dpv"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["@context"]["dpv"] == "https://w3id.org/dpv#"
    nodes = {node["@id"]: node for node in found["@graph"]}
    assert len(nodes) == len(found["@graph"])
    return nodes


def test_each_rule_is_a_process_in_the_words_of_the_w3c(
    policy: Policy, graph: dict[str, dict[str, object]]
) -> None:
    for rule in policy.rules:
        for purpose in rule.permit.purposes:
            process = graph[f"policy:rule:{rule.id}:{purpose}"]
            assert process["@type"] == "dpv:PersonalDataProcess"
            ground = dpv.BASES[policy.purposes[purpose].basis]
            assert process["dpv:hasLegalBasis"] == {"@id": f"dpv:{ground}"}
            assert process["dpv:hasRecipient"] == [
                {"@id": f"policy:recipient:{name}"} for name in rule.permit.recipients
            ]


def test_every_name_that_the_graph_uses_is_in_it(graph: dict[str, dict[str, object]]) -> None:
    def named(value: object) -> set[str]:
        match value:
            case dict():
                return (
                    {value["@id"]} if "@id" in value else set().union(*map(named, value.values()))
                )
            case list():
                return set().union(*map(named, value))
        return set()

    used = {name for node in graph.values() for key, value in node.items() for name in named(value)}
    ours = {name for name in used if name.startswith("policy:")}
    assert len(ours) > 40
    assert ours <= graph.keys()
    assert used - ours <= {f"dpv:{word}" for word in (*dpv.BASES.values(), *dpv.BROADER.values())}
