"""A Live set as data: what it says about a song, with units in the names; one file a subject.

_beats are quarter notes of the song, _s seconds, _db decibels, _bpm beats a minute; pan is -1
(left) to 1 (right). None is what the set does not say, and for a level also what is off. Names
are cut to what can be shown; a sample has its base name only, since paths hold people's names.
"""
