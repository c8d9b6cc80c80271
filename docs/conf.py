"""How Sphinx builds the documentation: `make docs`."""

from __future__ import annotations

import logging
from importlib import metadata
from typing import TYPE_CHECKING

from pygments.lexers.special import TextLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells each plugin that it loads

project = "assignkit"
author = "the assignkit contributors"
project_copyright = "the assignkit contributors, Apache License 2.0"
release = metadata.version("assignkit")
version = ".".join(release.split(".")[:2])

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown"}
nitpicky = True
nitpick_ignore_regex = [("py:.*", ".*")]  # types of other libraries have no pages here; links between pages are checked
default_role = "code"  # docstrings write `code` with one backtick
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"assignkit {release}"
html_show_sphinx = False


def setup(app: Sphinx) -> None:
    """Show texts in the rule language plainly, as it has no lexer yet."""
    app.add_lexer("rules", TextLexer)
