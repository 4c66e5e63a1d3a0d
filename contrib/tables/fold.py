#!/usr/bin/env python3
"""Writes src/base/text_table.c: folding and combining marks.

Run by hand when Unicode moves on; the result is kept in the tree, so that
building needs no Python.  Data: unicodedata of the Python that runs it.
"""
import sys
import unicodedata as u

LIMIT = 0x20000
PAGE = 128
DROP = 0xFFFF
EXPAND = 0xE000
LONGEST = 4

# Letters whose stroke or shape Unicode doesn't take apart, and the many
# forms of quotes and dashes.
OWN = {
    'æ': 'ae', 'œ': 'oe', 'ø': 'o', 'ł': 'l', 'đ': 'd', 'ð': 'd', 'þ': 'th',
    'ħ': 'h', 'ı': 'i', 'ŧ': 't', 'ƀ': 'b', 'ɓ': 'b', 'ɖ': 'd', 'ɗ': 'd',
    'ƒ': 'f', 'ɨ': 'i', 'ƶ': 'z', 'ĸ': 'k', 'ŋ': 'n',
    '‘': "'", '’': "'", '‚': "'", '‛': "'", '′': "'", '`': "'",
    '“': '"', '”': '"', '„': '"', '‟': '"', '″': '"',
    '‐': '-', '‑': '-', '‒': '-', '–': '-', '—': '-', '―': '-',
    '−': '-', '─': '-',
}
IGNORED = [(0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160),
           (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
           (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164),
           (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
           (0xFFF9, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A)]
# Marks that are no part of how a name is compared: those of Latin, Greek
# and Cyrillic, and the vowel signs of Hebrew and Arabic.
MARKS = [(0x300, 0x36F), (0x483, 0x489), (0x591, 0x5BD), (0x5BF, 0x5BF),
         (0x5C1, 0x5C2), (0x5C4, 0x5C5), (0x5C7, 0x5C7), (0x610, 0x61A),
         (0x640, 0x640), (0x64B, 0x65F), (0x670, 0x670), (0x6D6, 0x6DC),
         (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF),
         (0xFE20, 0xFE2F)]
STRIPPED = ('LATIN', 'GREEK', 'CYRILLIC', 'ARMENIAN', 'HEBREW', 'ARABIC')


def within(c, ranges):
    return any(a <= ord(c) <= b for a, b in ranges)


def strip(s):
    out = ''
    for c in s:
        d = u.normalize('NFD', c)
        name = u.name(d[0], '')
        if name.startswith(STRIPPED):
            d = ''.join(x for x in d if not within(x, MARKS))
            out += d
        elif not within(c, MARKS):
            out += c
    return out


def fold(cp):
    c = chr(cp)
    if within(c, IGNORED):
        return ''
    s = u.normalize('NFKC', u.normalize('NFKC', c).casefold())
    s = strip(s).casefold()
    s = ''.join(OWN.get(x, x) for x in s)
    if len(s) > LONGEST or any(ord(x) > 0xFFFF for x in s):
        return c
    return s


def ranges(test):
    out = []
    for cp in range(0x110000):
        if not test(chr(cp)):
            continue
        if out and out[-1][1] == cp - 1:
            out[-1][1] = cp
        else:
            out.append([cp, cp])
    return out


def rows(values):
    line = ''
    for v in values:
        if len(line) + len(v) > 118:
            yield line
            line = ''
        line += v + ','
    yield line


def main():
    expansions = []
    pages = [tuple([0] * PAGE)]
    index = []
    for start in range(0, LIMIT, PAGE):
        page = []
        for cp in range(start, start + PAGE):
            s = fold(cp) if not 0xD800 <= cp < 0xF900 or cp > 0xFFFF \
                else chr(cp)
            if s == chr(cp):
                page.append(0)
            elif not s:
                page.append(DROP)
            elif len(s) == 1:
                page.append(ord(s))
            else:
                if s not in expansions:
                    expansions.append(s)
                page.append(EXPAND + expansions.index(s))
        page = tuple(page)
        if page not in pages:
            pages.append(page)
        index.append(pages.index(page))
    assert len(pages) < 256 and len(expansions) < 0x1900
    p = print
    p('/* Written by contrib/tables/fold.py from Unicode %s. */'
      % u.unidata_version)
    p('/* clang-format off */')
    p('#include "base/text_table.h"\n')
    p('const uint8_t text_fold_page[%d] = {' % len(index))
    p('\n'.join(rows([str(v) for v in index])))
    p('};\n\nconst uint16_t text_fold_entry[][%d] = {' % PAGE)
    for page in pages:
        # Trailing zeros need not be said.
        page = list(page)
        while len(page) > 1 and page[-1] == 0:
            page.pop()
        p('{' + '\n'.join(rows([str(v) for v in page])) + '},')
    p('};\n\nconst uint16_t text_fold_expansion[][%d] = {' % LONGEST)
    cells = ['{' + ','.join('%d' % ord(c) for c in s) + '}'
             for s in expansions]
    p('\n'.join(rows(cells)))
    p('};\n')
    marks = ranges(lambda c: u.category(c) in ('Mn', 'Mc', 'Me'))
    p('const uint32_t text_mark[][2] = {')
    p('\n'.join(rows(['{%d,%d}' % tuple(m) for m in marks])))
    p('};\nconst size_t text_marks = sizeof(text_mark) / '
      'sizeof(text_mark[0]);')
    sys.stderr.write('%d pages, %d expansions, %d marks\n'
                     % (len(pages), len(expansions), len(marks)))


main()
