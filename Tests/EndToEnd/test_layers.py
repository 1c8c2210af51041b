"""What may import what: docs/design.md says it in a table, Package.swift and the sources keep to it."""

import re

import pytest
from daemon import ROOT
from documentation import quoted, tables

IMPORT = re.compile(r"^(?:@\w+ )?(?:public |package |internal )?import (?:\w+ )?(\w+)", re.MULTILINE)


def allowed():
    """{target: (targets, outside modules)}"""
    return {
        quoted(row["target"])[0]: (set(quoted(row["may import"])), set(re.findall(r"\w+", row["from outside"])))
        for row in tables("docs/design.md")
        if "may import" in row
    }


def declared():
    """{target: the targets of ours that Package.swift lets it depend on}, without tests and their tools."""
    package = (ROOT / "Package.swift").read_text()
    package = package[package.index("  targets: ["):]
    found = {}
    for block in re.split(r"^    \.", package, flags=re.MULTILINE)[1:]:
        kind, name = re.match(r'(\w+)\(\s*name: "([\w-]+)"', block).groups()
        if kind == "testTarget" or 'path: "Tests/' in block:
            continue
        dependencies = re.search(r"dependencies: \[(.*?)\](?:,|\))", block, re.DOTALL)
        plain = re.sub(r"\.product\(.*?\)", "", dependencies[1] if dependencies else "", flags=re.DOTALL)
        found[name] = set(re.findall(r'"([\w-]+)"', plain))
    return found


def test_every_target_is_in_the_table():
    assert list(declared()) and set(declared()) == set(allowed())


@pytest.mark.parametrize("target", declared())
def test_package_lets_a_target_depend_on_what_the_table_allows(target):
    assert declared()[target] <= allowed()[target][0]


@pytest.mark.parametrize("target", declared())
def test_sources_import_what_the_table_allows(target):
    ours, outside = allowed()[target]
    for path in (ROOT / "Sources" / target).rglob("*.swift"):
        imported = set(IMPORT.findall(path.read_text()))
        assert imported <= ours | outside, path


def test_nothing_imports_what_comes_later_on_the_path():
    """The table is in the order of the path, so that a target only ever imports what stands above it."""
    above = set()
    for target, (ours, _) in allowed().items():
        assert ours <= above, target
        above.add(target)
