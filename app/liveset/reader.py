"""The budgeted pass over a set: bytes in, kept elements out, nothing resolved and nothing opened.

expat reads by blocks. Its handlers abort at document types, entities, processing instructions and
other encodings, and count depth, elements, attributes, names and unfinished tokens. What no rule
keeps goes by without being stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn
from xml.parsers import expat

from app.liveset.capture import Ledger
from app.liveset.container import ignore, opened, xml_blocks
from app.liveset.errors import LiveSetRefused, RefusalCode, refuse_complex
from app.liveset.keeping import Keeper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.liveset.capture import Element, Rule
    from app.liveset.container import OnPart, Source
    from app.liveset.errors import Limits


def read_elements(source: Source, rule: Rule, limits: Limits, on_part: OnPart = ignore) -> tuple[Element, Ledger]:
    """Read a document and return what a rule keeps of it.

    Parameters
    ----------
    source
        A descriptor, a path or the bytes.
    rule
        The rule of an imagined element that holds the document's root.
    limits
        The budget.
    on_part
        Told how much of the file has been read.
    """
    keeper = Keeper(rule, Ledger(), limits)
    with opened(source, on_part) as blocks:
        _feed(xml_blocks(blocks, limits), keeper, limits)
    return keeper.root, keeper.ledger


def _feed(blocks: Iterator[bytes], keeper: Keeper, limits: Limits) -> None:
    parser = _parser(keeper)
    fed = unfinished = 0
    waiting = bytearray()
    try:
        for block in blocks:
            waiting += block
            # expat 2.5 reads an unfinished token anew with each call: its next part is as long as what is there.
            if len(waiting) < unfinished:
                continue
            parser.Parse(waiting)
            fed += len(waiting)
            waiting.clear()
            unfinished = fed - parser.CurrentByteIndex
            if unfinished > limits.token_bytes:
                refuse_complex(f"one piece of markup is longer than {limits.token_bytes >> 20} MiB")
            if len(parser.intern) > limits.names:
                refuse_complex(f"it has more than {limits.names} kinds of elements")
            keeper.check()
        parser.Parse(waiting)
        keeper.check()
        parser.Parse(b"", True)  # noqa: FBT003  # expat takes it by position only
        keeper.check()
    except expat.ExpatError as error:
        raise LiveSetRefused(
            RefusalCode.UNREADABLE,
            f"The set's XML is damaged at line {error.lineno}: {expat.ErrorString(error.code)}.",
        ) from None


def _parser(keeper: Keeper) -> expat.XMLParserType:
    # The encoding is said here, since expat would follow whatever the document declares.
    parser = expat.ParserCreate("utf-8")
    parser.ordered_attributes = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.XmlDeclHandler = _check_declaration
    parser.StartDoctypeDeclHandler = _refuse_markup
    parser.EntityDeclHandler = _refuse_markup
    parser.ExternalEntityRefHandler = _refuse_markup
    parser.SkippedEntityHandler = _refuse_markup
    parser.ProcessingInstructionHandler = _refuse_markup
    parser.StartElementHandler = keeper.listener()
    parser.EndElementHandler = keeper.names.remove
    return parser


def _check_declaration(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() not in {"utf-8", "utf8", "us-ascii", "ascii"}:
        raise LiveSetRefused(
            RefusalCode.FORBIDDEN_XML, "The set declares another encoding than UTF-8, which no Live set does."
        )


def _refuse_markup(*_what: object) -> NoReturn:
    raise LiveSetRefused(
        RefusalCode.FORBIDDEN_XML,
        "The set holds a document type, an entity or a processing instruction. No Live set does, so it is not read.",
    )
