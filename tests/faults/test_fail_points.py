"""Fail points are for tests: what they cannot do in production."""

import ast

import models.fail_points
from tests.faults.fail_points import in_the_product, product_modules

MODULE = "models/fail_points.py"


def test_each_name_stands_at_one_place():
    """Otherwise one of two places could go untried."""
    assert {name: places for name, places in in_the_product().items() if len(places) > 1} == {}
    assert len(in_the_product()) > 20


def test_the_product_only_says_that_a_point_is_reached():
    """Nobody there has the hook in hand: it is imported nowhere, and nothing of the module but `reached` is."""
    for path, tree in product_modules():
        if path == MODULE:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "models.fail_points":
                assert [(each.name, each.asname) for each in node.names] == [("reached", None)], path
            elif isinstance(node, ast.ImportFrom | ast.Import):
                assert not any("fail_points" in each.name for each in node.names), path


def test_nothing_outside_python_can_set_the_hook():
    """The module reads no setting, no variable of the environment, no file: it imports a type and has one line."""
    trees = dict(product_modules())
    nodes = list(ast.walk(trees[MODULE]))
    imported = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in imported] == ["from collections.abc import Callable"]
    assert [ast.unparse(node) for node in nodes if isinstance(node, ast.Assign | ast.AnnAssign | ast.Global)] == [
        "hook: Callable[[str], object] | None = None"
    ]
    assert models.fail_points.hook is None
