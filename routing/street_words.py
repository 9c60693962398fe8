"""How are the words in a road's name written, so that ``Mill Rd.`` and ``MILL ROAD`` are the same?

The suffixes are those of the United States Postal Service (Publication 28, appendix C1), as far as
they shorten a word; singular and plural stay two words, for Wood Road is not Woods Road.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

_SHORT = """
alley: ally aly allee | annex: anex annx anx | arcade: arc | avenue: av ave aven avenu avn avnue
bayou: bayoo byu | beach: bch | bend: bnd | bluff: blf bluf | bottom: bot btm bottm
boulevard: blvd boul boulv bvd | branch: br brnch | bridge: brdg brg | brook: brk | burg: bg
bypass: byp bypa bypas byps | camp: cmp cp | canyon: canyn cnyn cyn | cape: cpe | causeway: causwa cswy
center: cen cent centr centre cnter cntr ctr | circle: cir circ circl crcl crcle | cliff: clf
cliffs: clfs | club: clb | common: cmn | corner: cor | corners: cors | course: crse | court: ct crt
cove: cv | creek: crk | crescent: cres crsent crsnt | crossing: crssng xing | crossroad: xrd | dale: dl
dam: dm | divide: div dv dvd | drive: dr driv drv | estate: est | estates: ests
expressway: exp expr express expw expy | extension: ext extn extnsn | falls: fls | ferry: frry fry
field: fld | fields: flds | flat: flt | flats: flts | ford: frd | forest: frst | forge: forg frg
fork: frk | forks: frks | fort: ft frt | freeway: freewy frway frwy fwy | garden: gardn grden grdn gdn
gardens: grdns gdns | gateway: gatewy gatway gtway gtwy | glen: gln | green: grn | grove: grov grv
harbor: harb harbr hbr hrbor harbour | haven: hvn | heights: ht hts
highway: highwy hiway hiwy hway hwy | hill: hl | hills: hls | hollow: hllw holw | inlet: inlt
island: islnd | islands: iss islnds | junction: jct jction jctn junctn juncton | knoll: knl knol
knolls: knls | lake: lk | lakes: lks | landing: lndg lndng | lane: ln | light: lgt | loaf: lf
lock: lck | lodge: ldg ldge lodg | manor: mnr | meadow: mdw | meadows: mdws medows | mill: ml
mills: mls | mission: missn mssn msn | motorway: mtwy | mount: mt mnt
mountain: mtn mntain mntn mountin mtin | mountains: mtns mntns | neck: nck | orchard: orch orchrd
overpass: opas | park: prk | parkway: parkwy pkway pkwy pky | pike: pk | pine: pne | pines: pnes
place: pl | plain: pln | plains: plns | plaza: plz plza | point: pt | points: pts | pond: pnd
port: prt | prairie: pr prr | radial: rad radiel radl | ranch: rnch rnchs | rapid: rpd | rapids: rpds
ridge: rdg rdge | ridges: rdgs | river: riv rvr rivr | road: rd | route: rt rte | school: sch
shoal: shl | shore: shoar shr | shores: shoars shrs | skyway: skwy | spring: spg spng sprng
springs: spgs spngs sprngs | square: sq sqr sqre squ | station: sta statn stn | stream: strm streme
street: st str strt saint ste sainte | summit: smt sumit sumitt | terrace: ter terr
throughway: trwy thruway | trace: trce | track: trak trk | trail: trl | tunnel: tunl
turnpike: tpke trnpk turnpk tpk | underpass: upas | union: un | valley: vly vally vlly
viaduct: vdct viadct | view: vw | village: vill villag villg vlg | ville: vl | vista: vis vist vst vsta
way: wy | well: wl | wells: wls | n: north no nth | s: south so sth | e: east | w: west | ne: northeast
nw: northwest | se: southeast | sw: southwest | first: 1st | second: 2nd | third: 3rd | fourth: 4th
fifth: 5th | sixth: 6th | seventh: 7th | eighth: 8th | ninth: 9th | tenth: 10th | eleventh: 11th
twelfth: 12th | old: olde | county: cnty co | state: stt | interstate: intrst | brothers: bros
"""
LONG: Mapping[str, str] = {
    short: word.strip()
    for word, colon, shorts in (entry.partition(":") for entry in re.split(r"[|\n]", _SHORT))
    for short in shorts.split()
}
"""Short form -> the word that it stands for."""


def several(said: str) -> frozenset[str]:
    """Return the words of a list that is written as one text, as they are compared."""
    return frozenset(map(word, said.split()))


_MARKS = re.compile(r"[^\W_]+(?:['’ʼ`´][^\W_]+)*")
_APOSTROPHE = re.compile(r"['’ʼ`´]")


@lru_cache(maxsize=4096)
def word(written: str) -> str:
    """Return one word as it is compared: ``Rd`` -> ``road``, ``Mary's`` -> ``marys``, ``É`` -> ``e``."""
    folded = _APOSTROPHE.sub("", written).casefold()
    if not folded.isascii():
        parts = unicodedata.normalize("NFKD", folded)
        folded = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return LONG.get(folded, folded)


class Token(NamedTuple):
    """One word as it is compared, and as it was written. ``gap``: what parts it from the one before."""

    word: str
    gap: str
    written: str


def tokens(text: str) -> list[Token]:
    """Return the words of a text; accents, case, apostrophes and abbreviations no longer matter."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    found, end = [], 0
    for match in _MARKS.finditer(plain):
        written = match[0]
        found.append(Token(word(written), plain[end : match.start()], written))
        end = match.end()
    return found


DIRECTIONS = several("n s e w ne nw se sw")
SUFFIXES = several(
    """alley avenue boulevard bypass causeway circle close court cove crescent crossing drive driveway
    extension expressway freeway highway lane loop parkway path pike place plaza road route row run spur
    square street terrace trace track trail turnpike walk way"""
)
"""Words that make a road of a name."""
NAMELESS = several("unnamed unknown nameless none null na private driveway ramp")
GENERIC = NAMELESS | several(
    """road street lane avenue drive way highway route alley path name public service access right of the
    logging fire connector connection parking lot county state town us interstate"""
)
"""A name made of these alone names nothing: ``Private Road``, ``Unnamed``, ``County Highway``."""
