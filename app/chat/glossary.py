"""Words of the report, each in a sentence or two."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

GLOSSARY: Mapping[str, str] = MappingProxyType(
    {
        "LUFS": "Loudness units relative to full scale: how loud a programme is to the ear, by ITU-R BS.1770. "
        "Nearer to zero is louder; a step of 1 LUFS is a step of 1 dB.",
        "LU": "Loudness units: a difference between two loudnesses, as large as a decibel.",
        "integrated loudness": "The loudness of the whole track, quiet stretches left out; platforms normalise by it.",
        "short-term loudness": "Loudness over the last three seconds.",
        "momentary loudness": "Loudness over the last 0.4 seconds.",
        "loudness range": "How far the loud and the quiet stretches of a track lie apart, by EBU Tech 3342, in LU.",
        "true peak": "The highest level of the wave between the samples too, which a converter or an encoder will "
        "reach; it is found by oversampling and written in dBTP. Over 0 dBTP something clips later.",
        "sample peak": "The highest sample; the wave between two samples can be higher: see true peak.",
        "dBTP": "Decibels of true peak, relative to full scale.",
        "dBFS": "Decibels relative to full scale, the highest level that a file can hold.",
        "PLR": "Peak to loudness ratio: true peak less integrated loudness. Small figures mean heavy limiting.",
        "PSR": "Peak to short-term loudness ratio, window by window: the least one is the most limited moment.",
        "crest factor": "The highest sample over the average level; small figures mean dense, compressed sound.",
        "DR": "Dynamic range by the TT method: how far the second highest peak is over the loudest fifth.",
        "correlation": "How alike left and right are: +1 is mono, 0 unrelated, under 0 partly opposed.",
        "fold-down": "What is lost when left and right are summed to mono.",
        "width": "The part of the energy in the sides: 0 is mono, 0.5 unrelated sides.",
        "side to mid": "How loud what differs between left and right is beside what they share.",
        "third octave": "A band a third of an octave wide; thirty of them cover what is heard.",
        "spectral slope": "How quickly third octaves fall towards the highs; pink noise has 0.",
        "resonance": "A narrow tone that stands steadily over its surroundings.",
        "sibilance": "The level of hissing sounds, 5 to 10 kHz, over the mids.",
        "inter-sample overs": "Moments at which the wave between samples is over full scale.",
        "clipping": "Peaks cut flat because they were over the highest level.",
        "camelot": "A way to write keys as a wheel, by which DJs find tracks that fit each other.",
        "DC offset": "A wave that does not swing about zero: it takes headroom and clicks at edits, and is not heard.",
        "headroom": "What is left between the highest peak and full scale.",
        "polarity": "Which way a wave swings; one side turned over cancels the other in mono.",
        "transient": "The short, strong beginning of a sound, such as the stroke of a drum.",
        "limiter": "A device that holds peaks under its ceiling, and makes a track louder and denser by it.",
        "dither": "A little noise that hides the steps of fewer bits; it belongs at the last change of bit depth.",
        "sample rate": "How many samples a second has; half of it is the highest frequency that a file can hold.",
        "bit depth": "How finely a sample's level is written: 16 bits reach 96 dB down, 24 bits 144 dB.",
        "noise floor": "The level of the quietest moment that is not digital silence.",
        "normalisation": "Turning tracks up or down so that they play equally loud, as streaming platforms do.",
        "corridor": "The range that third octaves of reference tracks fall into, placed at the level of this mix.",
    }
)
