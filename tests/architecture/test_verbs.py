"""Faces write nothing, and whoever does something says who it was."""

import ast
from collections.abc import Iterable, Iterator

from tests.architecture.source import ROOT, Module, called, inside, modules

WRITES = frozenset({
    "save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
    "acreate", "asave", "adelete",
})  # fmt: skip
QUERY_WRITES = frozenset({"update", "delete"})


def writers(found: Iterable[Module]) -> list[str]:
    return [
        f"{module.name}:{node.lineno} {text}"
        for module in found
        if inside(module.name, ["creditable.web"])
        for text, node in called(module)
        if _is_row_write(text) and text.split(".")[0] not in _modules_of_verbs(module)
    ]


def _modules_of_verbs(module: Module) -> set[str]:
    """The names under which this module knows modules of the house: `attempts.save(...)` is a
    verb, `attempt.save()` a row."""
    names = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            folder = ROOT / node.module.replace(".", "/")
            for alias in node.names:
                if (folder / f"{alias.name}.py").exists() or (folder / alias.name).is_dir():
                    names.add(alias.asname or alias.name)
    return names


def _is_row_write(text: str) -> bool:
    *owner, verb = text.split(".")
    if not owner:
        return False
    if verb in WRITES:
        return True
    return verb in QUERY_WRITES and ("objects" in text or "filter(" in text or "all(" in text)


def unnamed(found: Iterable[Module]) -> list[str]:
    """Functions that take `by` by place, so that a caller could pass the wrong one."""
    return [
        f"{module.name}.{function.name}"
        for module in found
        for function in _functions(module.tree)
        if any(argument.arg == "by" for argument in function.args.args)
        and not function.name.startswith("_")
    ]


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_faces_write_no_rows() -> None:
    found = [module for module in modules() if inside(module.name, ["creditable.web"])]
    assert len(found) > 20
    assert writers(found) == []


def test_by_is_always_named() -> None:
    found = modules()
    assert (
        sum(
            any(argument.arg == "by" for argument in function.args.kwonlyargs)
            for module in found
            for function in _functions(module.tree)
        )
        > 20
    )
    assert unnamed(found) == []


def test_planted_faults_are_seen() -> None:
    for line in (
        "order.save()",
        "Order.objects.create(x=1)",
        "Order.objects.filter(a=1).update(b=2)",
        "person.orders.all().delete()",
    ):
        assert writers([Module.of("creditable.web.shop.x", line)]), line
    verb = "from creditable.learning import attempts as sittings\nsittings.save(item=1)"
    for harmless in ("context.update(a=1)", verb):
        assert writers([Module.of("creditable.web.shop.x", harmless)]) == []
    row = "from creditable.learning.models import Attempt as sittings\nsittings.save()"
    assert writers([Module.of("creditable.web.shop.x", row)])
    assert unnamed([Module.of("creditable.store.x", "def place(order, by): ...")])
