"""Figures as the pages write them: a true minus, a space before the unit."""

from __future__ import annotations

from math import floor, log10


def figure(value: float, unit: str = "", decimals: int = 1) -> str:
    """Write a figure with its unit."""
    number = f"{abs(value):.{decimals}f}"
    sign = "\N{MINUS SIGN}" if value < 0 and float(number) != 0 else ""
    return f"{sign}{number} {unit}".rstrip()


def signed(value: float, unit: str = "", decimals: int = 1) -> str:
    """Write a figure with its sign, plus included."""
    text = figure(value, unit, decimals)
    return text if text.startswith("\N{MINUS SIGN}") or float(f"{value:.{decimals}f}") == 0 else f"+{text}"


def hertz(frequency_hz: float) -> str:
    """Write a frequency with three figures, in kHz from 1000 Hz on."""
    if frequency_hz <= 0:
        return "0 Hz"
    step = 10.0 ** (floor(log10(frequency_hz)) - 2)
    rounded = round(frequency_hz / step) * step
    return f"{rounded / 1000:g} kHz" if rounded >= 1000 else f"{rounded:g} Hz"


def count(number: int, one: str, many: str) -> str:
    """Write how many."""
    return f"{number} {one if number == 1 else many}"
