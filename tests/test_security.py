"""The content security policy: what it lets a page do, and whom it trusts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from cxkb import security
from tests.conftest import environment

if TYPE_CHECKING:
    from pathlib import Path

POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">')


def directives(policy: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (part.split() for part in policy.split(";"))}


def test_a_script_of_the_templates_is_allowed_by_its_hash():
    # The hash is the example of MDN and the CSP specification for this very script.
    allowed = directives(security.policy(["<script>alert('Hello, world.');</script>"]))["script-src"]
    assert "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='" in allowed


def test_nothing_is_allowed_for_every_inline_script_or_style():
    assert "unsafe-inline" not in security.policy(["<script>1</script>"])
    assert "'unsafe-eval'" not in security.policy(["<script>1</script>"])


def test_what_is_not_named_is_forbidden():
    assert directives(security.policy([]))["default-src"] == ["'none'"]


def test_the_policy_does_not_depend_on_the_order_of_the_templates():
    one, other = "<script>1</script>", "<script>2</script>"
    assert security.policy([one, other]) == security.policy([other, one, one])


def test_the_policy_stands_before_all_that_it_governs(site: Path):
    for page in site.rglob("*.html"):
        html = page.read_text(encoding="utf-8")
        found = POLICY.search(html)
        assert found, page
        assert not re.search(r"<(?:script|link|style|img)\b", html[: found.start()]), page


def test_all_pages_have_one_policy(site: Path):
    assert len({POLICY.search(page.read_text(encoding="utf-8"))[1] for page in site.rglob("*.html")}) == 1  # type: ignore[index]


def test_a_script_in_the_text_of_a_page_is_not_trusted(hostile: Path):
    guide = hostile / "docs" / "guide.md"
    guide.write_text(guide.read_text(encoding="utf-8") + "\n<script>alert('Hello, world.');</script>\n", "utf-8")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"], cwd=hostile, env=environment(), capture_output=True, check=True
    )
    html = (hostile / "site" / "guide" / "index.html").read_text(encoding="utf-8")
    assert "Hello, world." not in html
    assert "qznLcsROx4GACP2dm0UCKCzCG" not in html
    assert POLICY.search(html)


def test_the_lock_file_of_the_packages_names_no_host_to_load_from(repo: Path):
    packages = json.loads((repo / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert "node_modules/axe-core" in packages
    assert [name for name, package in packages.items() if "resolved" in package] == []


PREVIEW = """
from mkdocs.commands.build import build
from mkdocs.config import load_config
config = load_config()
build(config)
config = load_config()
config.plugins.on_startup(command="serve", dirty=False)
build(config)
"""


def test_a_preview_has_no_policy(hostile: Path):
    # A process of its own, for MkDocs keeps a plugin, and what it was started for, as long as the process lives.
    subprocess.run([sys.executable, "-c", PREVIEW], cwd=hostile, env=environment(), capture_output=True, check=True)
    html = (hostile / "site" / "guide" / "index.html").read_text(encoding="utf-8")
    assert "Hostile" in html
    assert not POLICY.search(html)
