/*
 * tokens_block.h -- where the pieces of 64 bytes begin, all at once.
 *
 * Private to tokens*.c.  Text is mostly ASCII, and there a byte's class and
 * a few neighbours decide whether a piece begins at it; so the classes of
 * 64 bytes are made to masks, a bit for each byte, and what tokens_scan.h
 * does step by step becomes arithmetic.  What needs a look further away is
 * left to tokens_scan.h: the block says how far it knows.
 *
 * A block begins at a piece, so nothing is carried from one to the next.
 */
#ifndef EXTRACT_TOKENS_BLOCK_H
#define EXTRACT_TOKENS_BLOCK_H

#include <endian.h>
#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

#include "extract/tokens_scan.h"

#define BLOCK 64

/* Bit i is byte i; high: beyond ASCII. */
struct block_masks {
    uint64_t upper, lower, number, blank, other_space, newline;
    uint64_t apostrophe, slash, high;
};

typedef void block_reader(const uint8_t *p, struct block_masks *m);

#if defined(__GNUC__)
#define BLOCK_INLINE static inline __attribute__((always_inline))
#else
#define BLOCK_INLINE static inline
#endif

#define BLOCK_BYTES(byte) (0x0101010101010101u * (uint8_t)(byte))

/* A bit for each of eight bytes that is within first..first + count - 1,
 * all ASCII; a byte's carry goes into its highest bit and no further. */
BLOCK_INLINE uint64_t block_eight(uint64_t bytes, uint8_t first, uint8_t count)
{
    uint64_t low = bytes & BLOCK_BYTES(0x7f);
    uint64_t reach = low + BLOCK_BYTES(0x80 - first);
    uint64_t pass = low + BLOCK_BYTES(0x80 - first - count);

    return ((reach & ~pass & ~bytes & BLOCK_BYTES(0x80)) >> 7) *
               0x0102040810204080u >>
           56;
}

BLOCK_INLINE void block_read_any(const uint8_t *p, struct block_masks *m)
{
    unsigned i;

    memset(m, 0, sizeof(*m));
    for (i = 0; i < BLOCK; i += 8) {
        uint64_t bytes, newline;

        memcpy(&bytes, p + i, 8);
        bytes = le64toh(bytes);
        newline = block_eight(bytes, '\n', 1) | block_eight(bytes, '\r', 1);
        m->upper |= block_eight(bytes, 'A', 26) << i;
        m->lower |= block_eight(bytes, 'a', 26) << i;
        m->number |= block_eight(bytes, '0', 10) << i;
        m->blank |= block_eight(bytes, ' ', 1) << i;
        m->newline |= newline << i;
        m->other_space |= (block_eight(bytes, '\t', 5) & ~newline) << i;
        m->apostrophe |= block_eight(bytes, '\'', 1) << i;
        m->slash |= block_eight(bytes, '/', 1) << i;
        m->high |= (block_eight(bytes, 0, 128) ^ 0xff) << i;
    }
}

#if defined(__x86_64__) && defined(__GNUC__)
#define BLOCK_AVX2 __attribute__((target("avx2,bmi,bmi2")))

/* A bit for each byte that is within first..first + count - 1. */
BLOCK_INLINE BLOCK_AVX2 uint64_t block_within_avx2(const __m256i bytes[2],
                                                   char first, int count)
{
    const __m256i from = _mm256_set1_epi8(first);
    const __m256i most = _mm256_set1_epi8((char)(count - 1));
    uint64_t mask = 0;
    int i;

    for (i = 0; i < 2; i++) {
        __m256i at = _mm256_sub_epi8(bytes[i], from);

        at = _mm256_cmpeq_epi8(_mm256_min_epu8(at, most), at);
        mask |= (uint64_t)(uint32_t)_mm256_movemask_epi8(at) << (32 * i);
    }
    return mask;
}

BLOCK_INLINE BLOCK_AVX2 void block_read_avx2(const uint8_t *p,
                                             struct block_masks *m)
{
    __m256i bytes[2];
    int i;

    m->high = 0;
    for (i = 0; i < 2; i++) {
        bytes[i] = _mm256_loadu_si256((const __m256i *)(p + 32 * i));
        m->high |= (uint64_t)(uint32_t)_mm256_movemask_epi8(bytes[i])
                   << (32 * i);
    }
    m->upper = block_within_avx2(bytes, 'A', 26);
    m->lower = block_within_avx2(bytes, 'a', 26);
    m->number = block_within_avx2(bytes, '0', 10);
    m->blank = block_within_avx2(bytes, ' ', 1);
    m->newline =
        block_within_avx2(bytes, '\n', 1) | block_within_avx2(bytes, '\r', 1);
    m->other_space = block_within_avx2(bytes, '\t', 5) & ~m->newline;
    m->apostrophe = block_within_avx2(bytes, '\'', 1);
    m->slash = block_within_avx2(bytes, '/', 1);
}
#endif

/* The bits of the runs of within that begin at the bits of first. */
static inline uint64_t block_runs(uint64_t first, uint64_t within)
{
    return within & ~(within + first);
}

/* The blanks after a newline begin a piece; but not those that another
 * newline follows, they are one piece with it. */
static inline uint64_t block_indents(uint64_t after, uint64_t blanks,
                                     uint64_t newline)
{
    uint64_t rest = after;

    if (!((blanks + after) & ~blanks & newline))
        return after;
    for (; rest; rest &= rest - 1) {
        uint64_t first = rest & -rest;

        if ((blanks + first) & ~blanks & newline)
            after &= ~first;
    }
    return after;
}

/* Digits go by threes. */
static inline uint64_t block_numbers(uint64_t number)
{
    uint64_t third = number & number << 1 & number << 2;
    uint64_t at = number & ~(number << 1);
    uint64_t starts = at;

    while ((at = at << 3 & third))
        starts |= at;
    return starts;
}

/* 's and the like end the word before them (o200k), or are a piece of their
 * own (cl100k): none of their letters begins a piece, what follows does.
 * p has 4 bytes beyond the block. */
static inline uint64_t block_contractions(uint64_t starts, uint64_t apostrophes,
                                          const uint8_t *p,
                                          enum vocab_pattern pattern)
{
    unsigned past = 0;

    for (; apostrophes; apostrophes &= apostrophes - 1) {
        unsigned at = (unsigned)__builtin_ctzll(apostrophes);
        unsigned len = (unsigned)scan_contraction(p + at, p + BLOCK + 4);
        uint64_t bits = (((uint64_t)1 << len) - 1) << at;

        /* In o200k the letter before must not be one of these itself. */
        if (!len || (pattern == PATTERN_O200K && at == past && at))
            continue;
        past = at + len;
        starts &= ~bits;
        if (pattern == PATTERN_CL100K)
            starts |= (uint64_t)1 << at;
        if (past < BLOCK)
            starts |= (uint64_t)1 << past;
    }
    return starts;
}

/* Up to which byte the starts are certain: white space that meets the end
 * of what is seen may go on. */
static inline unsigned block_known(uint64_t high, uint64_t spaces)
{
    uint64_t seen = high ? (high & -high) - 1 : UINT64_MAX;
    uint64_t others = ~spaces & seen;
    unsigned end = others ? BLOCK - (unsigned)__builtin_clzll(others) : 0;

    /* end: after the last that is no space */
    if (end == BLOCK || !(seen >> end & 1))
        return end ? end - 1 : 0;
    return end;
}

/* The bytes at which a piece begins, of those that are certain; at bit 0
 * one does. */
BLOCK_INLINE uint64_t block_starts(const uint8_t *p, enum vocab_pattern pattern,
                                   block_reader *read)
{
    struct block_masks m;
    uint64_t letter, blanks, spaces, symbol, tail, starts, first, last;
    unsigned known;

    read(p, &m);
    letter = m.upper | m.lower;
    blanks = m.blank | m.other_space;
    spaces = blanks | m.newline;
    symbol = ~(letter | m.number | spaces | m.high);
    known = block_known(m.high, spaces);
    /* Newlines right after symbols belong to them. */
    tail = block_runs(m.newline & symbol << 1, m.newline);
    if (pattern == PATTERN_O200K && (m.slash & tail << 1)) {
        unsigned at = (unsigned)__builtin_ctzll(m.slash & tail << 1);

        known = at <= known ? at - 1 : known;
    }
    spaces &= ~tail;
    starts = spaces & ~(spaces << 1);
    starts |=
        block_indents(blanks & (m.newline & ~tail) << 1, blanks, m.newline);
    last = blanks & ~((blanks | m.newline) >> 1);
    starts |= last;
    starts |= block_numbers(m.number);
    /* A blank right before symbols belongs to them. */
    first = symbol & ~(symbol << 1) & ~(m.blank << 1);
    starts |= first;
    /* A blank or a single symbol before letters belongs to them. */
    starts |= letter & ~((letter | blanks | first) << 1);
    if (pattern == PATTERN_O200K)
        starts |= m.upper & m.lower << 1;
    m.apostrophe &= pattern == PATTERN_O200K ? letter << 1 : first;
    if (m.apostrophe)
        starts = block_contractions(starts, m.apostrophe, p, pattern);
    return (starts | 1) & (((uint64_t)2 << known) - 1);
}

#endif
