"""Draws the QR symbol of a text: made from the `qrcode` package, a hundred times faster."""

from __future__ import annotations

import re
import struct
import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from qrcode import QRCode
from qrcode.base import gexp, glog, rs_blocks
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.exceptions import DataOverflowError
from qrcode.util import (
    ALPHA_NUM,
    BIT_LIMIT_TABLE,
    MODE_8BIT_BYTE,
    MODE_ALPHA_NUM,
    BitBuffer,
    QRData,
    create_bytes,
    length_in_bits,
)

Level = Literal["M", "Q", "H"]

QUIET_ZONE = 4
"""Light modules that ISO/IEC 18004 asks for on every side of a symbol."""

_LEVELS: dict[Level, int] = {"H": ERROR_CORRECT_H, "Q": ERROR_CORRECT_Q, "M": ERROR_CORRECT_M}
_LARGEST_LEARNED_VERSION = 10
_CHARACTERS = ALPHA_NUM.decode()
_ALPHANUMERIC_TAIL = re.compile(rf"[{re.escape(_CHARACTERS)}]*\Z")
_PAIR_VALUES = {a + b: 45 * i + j for i, a in enumerate(_CHARACTERS) for j, b in enumerate(_CHARACTERS)}
_DARK_RUN = re.compile("1+")

Segment = tuple[int, str | bytes]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A QR symbol without its quiet zone.

    `size` counts the modules of a side; `rows` holds one number per row from the top, its most significant of `size`
    bits the leftmost module, 1 = dark; `level` is the error correction, `mask` the number of the chosen mask.
    """

    size: int
    level: Level
    version: int
    mask: int
    rows: tuple[int, ...]

    def modules(self, border: int = 0) -> list[list[bool]]:
        """Returns the modules row by row, True = dark, with `border` light modules around."""
        blank = [False] * (self.size + 2 * border)
        side = [False] * border
        middle = [side + [bit == "1" for bit in format(row, f"0{self.size}b")] + side for row in self.rows]
        return [blank[:] for _ in range(border)] + middle + [blank[:] for _ in range(border)]

    def path(self) -> str:
        """Returns the dark modules as one SVG path, one module = one unit, origin at the top left corner.

        Neighbours in a row are one rectangle, all rectangles are one path: filled at once, nothing shows between rows.
        """
        return self._drawn("M{x} {y}h{width}v1h-{width}z")

    def pdf_path(self) -> str:
        """Returns the same rectangles as PDF path operators (ISO 32000-1, 8.5.2), y downwards, not yet filled."""
        return self._drawn("{x} {y} {width} 1 re\n")

    def _drawn(self, rectangle: str) -> str:
        pieces = _pieces(self.size, rectangle)
        width = f"0{self.size}b"
        # The blank between rows ends a run, so that one search finds the runs of all rows.
        modules = " ".join([format(row, width) for row in self.rows])
        return "".join([pieces[run.span()] for run in _DARK_RUN.finditer(modules)])

    def png(self, scale: int, border: int = QUIET_ZONE) -> bytes:
        """Returns a PNG file, one bit a pixel, black on white: `scale` pixels a module, `border` light modules around.

        Raises ValueError for a scale below 1 or a negative border.
        """
        if scale < 1 or border < 0:
            raise ValueError("A QR picture needs at least one pixel for each module and no negative border.")
        side = (self.size + 2 * border) * scale
        dark = str.maketrans({"0": "1" * scale, "1": "0" * scale})
        margin = "1" * (border * scale)
        filler = "1" * (-side % 8)
        octets = (side + 7) // 8
        # Each scan line starts with the number of its filter, 0 = none.
        light = b"\0" + b"\xff" * octets
        lines = [light * (border * scale)]
        for row in self.rows:
            bits = margin + format(row, f"0{self.size}b").translate(dark) + margin + filler
            lines.append((b"\0" + int(bits, 2).to_bytes(octets, "big")) * scale)
        lines.append(light * (border * scale))
        header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
        return b"".join(
            (
                b"\x89PNG\r\n\x1a\n",
                _chunk(b"IHDR", header),
                _chunk(b"IDAT", zlib.compress(b"".join(lines), 6)),
                _chunk(b"IEND", b""),
            )
        )

    def terminal(self, border: int = 2) -> str:
        """Returns lines of half blocks, two rows of modules each, for a terminal.

        Dark modules are drawn as background and light ones as ink in black-and-white escape codes, so the symbol is
        dark on light in every colour scheme.
        """
        grid = self.modules(border)
        if len(grid) % 2:
            grid.append([False] * len(grid[0]))
        shapes = {(True, True): " ", (True, False): "▄", (False, True): "▀", (False, False): "█"}
        lines = [
            "".join(shapes[pair] for pair in zip(upper, lower, strict=True))
            for upper, lower in zip(grid[::2], grid[1::2], strict=True)
        ]
        return "\n".join(f"\x1b[38;5;231;48;5;16m{line}\x1b[0m" for line in lines)


def symbol(text: str) -> Symbol:
    """Returns the QR symbol of `text`: smallest version at level M, then the highest level this version still holds.

    The end of the text that consists of capitals, digits and ` $%*+-./:` is packed as alphanumeric (5.5 bits each),
    what comes before it as UTF-8 bytes, so `https://EVENT.EXAMPLE.ORG/B/...` takes two segments. The mask is the one
    with the lowest penalty by ISO/IEC 18004, 7.8.3. Up to version 10 the symbol is put together from tables learned
    from `qrcode` on first use (about 30 ms for each version and level); larger ones are left to `qrcode` itself.

    Raises ValueError if the text is empty or larger than any symbol.
    """
    if not text:
        raise ValueError("There is nothing to put into a QR code.")
    segments = _segments(text)
    version, level = _smallest(segments, len(text))
    if version > _LARGEST_LEARNED_VERSION:
        return _left_to_qrcode(segments, version, level)
    return _tables(version, level).symbol(segments)


def _segments(text: str) -> list[Segment]:
    tail = _ALPHANUMERIC_TAIL.search(text)
    start = tail.start() if tail else len(text)
    if start == 0:
        return [(MODE_ALPHA_NUM, text)]
    # A further segment costs 13 bits or more and saves 2.5 bits a character.
    if len(text) - start > 6:
        return [(MODE_8BIT_BYTE, text[:start].encode()), (MODE_ALPHA_NUM, text[start:])]
    return [(MODE_8BIT_BYTE, text.encode())]


def _smallest(segments: Sequence[Segment], characters: int) -> tuple[int, Level]:
    payload = sum(8 * len(data) if mode == MODE_8BIT_BYTE else (11 * len(data) + 1) // 2 for mode, data in segments)
    for version in range(1, 41):
        bits = payload + sum(4 + length_in_bits(mode, version) for mode, _ in segments)
        for level, constant in _LEVELS.items():
            if bits <= BIT_LIMIT_TABLE[constant][version]:
                return version, level
    raise ValueError(f"A text of {characters} characters is too long for a QR code.")


def _left_to_qrcode(segments: Sequence[Segment], version: int, level: Level) -> Symbol:
    code = QRCode(version=version, error_correction=_LEVELS[level], border=0)
    for mode, data in segments:
        code.add_data(QRData(data, mode=mode), optimize=0)
    try:
        code.make(fit=False)
    except DataOverflowError as error:
        raise ValueError("The text is too long for a QR code.") from error
    rows = tuple(int("".join("1" if dark else "0" for dark in row), 2) for row in code.get_matrix())
    return Symbol(size=len(rows), level=level, version=version, mask=_mask_of(rows), rows=rows)


def _mask_of(rows: Sequence[int]) -> int:
    size = len(rows)
    # Row 8, columns 2 to 4 hold the mask, itself masked by 101 (ISO/IEC 18004, 7.9).
    return (rows[8] >> (size - 5) & 0b111) ^ 0b101


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@lru_cache(maxsize=8)
def _pieces(size: int, rectangle: str) -> dict[tuple[int, int], str]:
    """The rectangle of each run of dark modules, by its ends in the rows written one after the other."""
    return {
        (y * (size + 1) + start, y * (size + 1) + end): rectangle.format(x=start, y=y, width=end - start)
        for y in range(size)
        for start in range(size)
        for end in range(start + 1, size + 1)
    }


class _Tables:
    """What `qrcode` does to each bit of the data in one version at one level.

    A symbol before masking is a linear function over GF(2) of its data bits: the XOR of one table entry for each four
    of them. A symbol is one big number, row by row, its most significant bit the top left module. The eight masked
    candidates are stacked into one number eight times as long, so that each step of the penalty rules is one operation.
    """

    def __init__(self, version: int, level: Level) -> None:
        self.version, self.level = version, level
        self.size = size = version * 4 + 17
        self.area = area = size * size
        self.capacity = BIT_LIMIT_TABLE[_LEVELS[level]][version]
        frames = [self._probe(mask, ()) for mask in range(8)]
        self.masked = sum(frame << mask * area for mask, frame in enumerate(frames))
        self.repeat = sum(1 << mask * area for mask in range(8))
        self.nibbles = self._learn_nibbles(frames[0])

        row_starts = sum(1 << size * row for row in range(size))
        in_row = {column: row_starts * ((1 << size - column) - 1) for column in (1, 10)}
        below = {row: (1 << size * (size - row)) - 1 for row in (1, 10)}
        self.everywhere = self.repeat * ((1 << area) - 1)
        # Per direction: how far the neighbour is, and where one and ten of them lie before a module.
        self.directions = (
            (1, self.repeat * in_row[1], self.repeat * in_row[10]),
            (size, self.repeat * below[1], self.repeat * below[10]),
        )

    def symbol(self, segments: Sequence[Segment]) -> Symbol:
        """Returns the symbol of segments that fit."""
        data = self._data_bits(segments)
        bits = 0
        for entries, digit in zip(self.nibbles, f"{data:0{self.capacity // 4}x}", strict=True):
            bits ^= entries[digit]
        candidates = bits * self.repeat ^ self.masked
        penalties = self._penalties(candidates)
        mask = penalties.index(min(penalties))
        chosen = candidates >> mask * self.area
        row = (1 << self.size) - 1
        rows = tuple([chosen >> shift & row for shift in range(self.area - self.size, -1, -self.size)])
        return Symbol(size=self.size, level=self.level, version=self.version, mask=mask, rows=rows)

    def _data_bits(self, segments: Sequence[Segment]) -> int:
        bits, length = 0, 0
        for mode, data in segments:
            indicator = length_in_bits(mode, self.version)
            bits = (bits << 4 | mode) << indicator | len(data)
            length += 4 + indicator
            if isinstance(data, bytes):
                bits = bits << 8 * len(data) | int.from_bytes(data, "big")
                length += 8 * len(data)
                continue
            even = len(data) & ~1
            for start in range(0, even, 2):
                bits = bits << 11 | _PAIR_VALUES[data[start : start + 2]]
            length += 11 * even // 2
            if even != len(data):
                bits = bits << 6 | _CHARACTERS.index(data[-1])
                length += 6
        free = self.capacity - length
        # Up to four zeros end the data, zeros fill the octet, then 0xEC and 0x11 take turns (ISO/IEC 18004, 7.4.10).
        end = min(free, 4)
        end += -(length + end) % 8
        padding = free - end
        return (bits << free) | int.from_bytes((b"\xec\x11" * (padding // 16 + 1))[: padding // 8], "big")

    def _penalties(self, candidates: int) -> list[int]:
        light = candidates ^ self.everywhere
        same_beside, same_above = (
            (candidates ^ candidates >> step ^ self.everywhere) & inside for step, inside, _ in self.directions
        )
        totals = [0] * 8
        for same, (step, _, far_inside) in zip((same_beside, same_above), self.directions, strict=True):
            pairs = same & same >> step
            fives = pairs & pairs >> 2 * step
            # A run of n >= 5 equal modules costs n - 2: one for each five in a row, and two for its first.
            self._count(fives, 1, totals)
            self._count(fives & ~(fives >> step), 2, totals)
            edge = candidates & light >> step
            centre = candidates & candidates >> step & candidates >> 2 * step
            finder = edge & centre >> 2 * step & (light & candidates >> step) >> 5 * step
            two_light = light & light >> step
            four_light = two_light & two_light >> 2 * step
            self._count((four_light & finder >> 4 * step | finder & four_light >> 7 * step) & far_inside, 40, totals)
        blocks = same_beside & same_beside >> self.size & same_above
        self._count(blocks, 3, totals)
        darks = [0] * 8
        self._count(candidates, 1, darks)
        for mask, dark in enumerate(darks):
            totals[mask] += abs(20 * dark - 10 * self.area) // self.area * 10
        return totals

    def _count(self, stacked: int, weight: int, totals: list[int]) -> None:
        one = (1 << self.area) - 1
        for mask in range(8):
            totals[mask] += weight * (stacked >> mask * self.area & one).bit_count()

    def _learn_nibbles(self, frame: int) -> list[dict[str, int]]:
        modules = self._modules_of_stream(frame)
        entries = []
        for number in range(self.capacity // 8):
            codewords = self._codewords(number)
            octet = []
            for power in range(7, -1, -1):
                total = 0
                for place, value in enumerate(codewords):
                    if value:
                        scaled = gexp(glog(value) + power)
                        for bit in range(8):
                            if scaled >> bit & 1:
                                total ^= modules[8 * place + 7 - bit]
                octet.append(total)
            entries += [_every_sum(octet[:4]), _every_sum(octet[4:])]
        return entries

    def _codewords(self, number: int) -> list[int]:
        """All codewords when data codeword `number` is 1 and the others are 0; Reed-Solomon codes are linear."""
        blocks = rs_blocks(self.version, _LEVELS[self.level])
        # `create_bytes` cannot divide a block of zeros, so every probe differs from a stream without zeros.
        plain, probe = BitBuffer(), BitBuffer()
        plain.buffer = [3] * (self.capacity // 8)
        probe.buffer = plain.buffer[:]
        probe.buffer[number] ^= 1
        return [
            one ^ other for one, other in zip(create_bytes(plain, blocks), create_bytes(probe, blocks), strict=True)
        ]

    def _modules_of_stream(self, frame: int) -> list[int]:
        """The module of each bit of the codeword stream, found by placing streams that spell the bits' own numbers."""
        octets = sum(block.total_count for block in rs_blocks(self.version, _LEVELS[self.level]))
        numbers = [0] * self.area
        for digit in range((8 * octets).bit_length()):
            # Numbers start at 1: modules that never change belong to no bit.
            stream = [sum((8 * place + 8 - bit >> digit & 1) << bit for bit in range(8)) for place in range(octets)]
            changed = self._probe(0, stream) ^ frame
            for position in range(self.area):
                numbers[position] |= (changed >> position & 1) << digit
        modules = [0] * (8 * octets)
        for position, number in enumerate(numbers):
            if number:
                modules[number - 1] = 1 << position
        return modules

    def _probe(self, mask: int, codewords: Sequence[int]) -> int:
        """The symbol that `qrcode` draws for a stream of codewords."""
        code = QRCode(version=self.version, error_correction=_LEVELS[self.level], mask_pattern=mask, border=0)
        code.data_cache = list(codewords)
        code.makeImpl(False, mask)
        return int("".join("1" if dark else "0" for row in code.modules for dark in row), 2)


def _every_sum(four: Sequence[int]) -> dict[str, int]:
    sums = {}
    for value in range(16):
        total = 0
        for bit, entry in enumerate(four):
            if value >> (3 - bit) & 1:
                total ^= entry
        sums[f"{value:x}"] = total
    return sums


_learned: dict[tuple[int, Level], _Tables] = {}
_learning = threading.Lock()


def _tables(version: int, level: Level) -> _Tables:
    found = _learned.get((version, level))
    if found is None:
        # The package keeps a cache of its own without a lock, and two threads need not learn the same thing twice.
        with _learning:
            found = _learned.get((version, level))
            if found is None:
                found = _learned[version, level] = _Tables(version, level)
    return found
