"""Copies what pages and badges need from node_modules into static/lib/ and var/fonts/."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = {
    "zxing-wasm/dist/iife/reader/index.js": "zxing-reader.js",
    "zxing-wasm/dist/reader/zxing_reader.wasm": "zxing_reader.wasm",
    "zxing-wasm/LICENSE": "zxing-wasm.LICENSE",
    "idb/build/index.js": "idb.js",
    "idb/LICENSE": "idb.LICENSE",
}
WEIGHTS = ("400Regular", "700Bold")


def main() -> None:
    modules = ROOT / "node_modules"
    library = ROOT / "static" / "lib"
    fonts = ROOT / "var" / "fonts"
    library.mkdir(parents=True, exist_ok=True)
    fonts.mkdir(parents=True, exist_ok=True)
    for source, target in SCRIPTS.items():
        shutil.copyfile(modules / source, library / target)
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]
    for package in wanted:
        if not package.startswith("@expo-google-fonts/"):
            continue
        for weight in WEIGHTS:
            for font in (modules / package / weight).glob("*.ttf"):
                shutil.copyfile(font, fonts / font.name)
        licence = next((modules / package).glob("LICENSE_FONT*"))
        shutil.copyfile(licence, fonts / f"{package.rpartition('/')[2]}.LICENSE")


if __name__ == "__main__":
    main()
