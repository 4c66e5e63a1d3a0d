#!/usr/bin/env python3
"""Writes src/extract/tokens_class.c: the classes that tokenizers split by.

Run by hand when the reference moves on; the result is kept in the tree, so
that building needs no Python.  The reference's patterns (tiktoken 0.14) run
on Unicode 16, so does this: it needs PyPI's unicodedata2 16.0.0.
tests/extract/test_tokens_reference.py compares each code point.
"""
import unicodedata2 as u

WANTED = '16.0.0'
UPPER, LOWER, LETTER, NUMBER, SPACE, NEWLINE = 1, 2, 4, 8, 16, 32
CATEGORY = {
    'Lu': LETTER | UPPER, 'Lt': LETTER | UPPER, 'Ll': LETTER | LOWER,
    'Lm': LETTER | UPPER | LOWER, 'Lo': LETTER | UPPER | LOWER,
    'Mn': UPPER | LOWER, 'Mc': UPPER | LOWER, 'Me': UPPER | LOWER,
    'Nd': NUMBER, 'Nl': NUMBER, 'No': NUMBER,
}
# White_Space: the separators and these controls (not U+180E since 6.3).
SPACES = [9, 11, 12, 0x85]


def kind(cp):
    if cp in (10, 13):
        return SPACE | NEWLINE
    category = u.category(chr(cp))
    if cp in SPACES or category in ('Zs', 'Zl', 'Zp'):
        return SPACE
    return CATEGORY.get(category, 0)


def main():
    if u.unidata_version != WANTED:
        raise SystemExit('Unicode %s is wanted' % WANTED)
    ranges, last = [], None
    for cp in range(0x110000):
        k = kind(cp)
        if k != last:
            ranges.append('0x%X' % (cp << 8 | k))
            last = k
    lines, line = [], ''
    for r in ranges:
        if len(line) + len(r) + 1 > 118:
            lines.append(line)
            line = ''
        line += r + ','
    lines.append(line)
    print('/* Written by contrib/tables/token_class.py from Unicode %s. */'
          % WANTED)
    print('/* clang-format off */')
    print('#include "extract/tokens_class.h"\n')
    print('const uint32_t token_class_ranges[] = {')
    print('\n'.join(lines))
    print('};\n\nconst size_t token_class_range_count = %d;' % len(ranges))


main()
