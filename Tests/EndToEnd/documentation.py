"""Reads the project's own Markdown: tables, fenced code, links."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def text(page):
    return (ROOT / page).read_text()


def prose(page):
    """The page without its fenced code."""
    return FENCE.sub("", text(page))


def code_blocks(page, language):
    """[(heading above it, code)], in order."""
    found = []
    whole = text(page)
    for match in FENCE.finditer(whole):
        if match[1] == language:
            headings = re.findall(r"^#+ (.*)$", FENCE.sub("", whole[: match.start()]), re.MULTILINE)
            found.append((headings[-1] if headings else "", match[2]))
    return found


def tables(page):
    """[{column: cell}] of every table of a page, the heading above it under "#"."""
    rows, columns, heading = [], None, ""
    for line in prose(page).split("\n"):
        if line.startswith("#"):
            heading = line.lstrip("# ")
        if not line.startswith("|"):
            columns = None
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if columns is None:
            columns = cells
        elif not all(set(cell) <= set("-: ") for cell in cells):
            assert len(cells) == len(columns), f"{page}: {len(columns)} columns, but: {line}"
            rows.append(dict(zip(columns, cells)) | {"#": heading})
    return rows


def quoted(cell):
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def anchors(page):
    """The fragments that a page's headings can be linked by, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    plain = [re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}
