"""Faces write nothing, and whoever does something says who it was."""

import ast
from collections.abc import Iterable, Iterator

from tests.architecture.source import Module, called, inside, modules

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
        if _is_row_write(text)
    ]


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
    assert writers([Module.of("creditable.web.shop.x", "context.update(a=1)")]) == []
    assert unnamed([Module.of("creditable.store.x", "def place(order, by): ...")])
