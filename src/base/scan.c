#include "base/scan.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define HAVE_VECTORS 1
#include <immintrin.h>
#else
#define HAVE_VECTORS 0
#endif

const char scan_escape[256] = {
    ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r',
    ['t'] = '\t', ['"'] = '"',  ['/'] = '/',  ['\\'] = '\\',
};

static bool is_plain(char c)
{
    return c != '"' && c != '\\' && (unsigned char)c >= 0x20;
}

/* The bytes before the first that isn't, from from on. */
static size_t plain_slowly(const char *s, size_t len, size_t from)
{
    while (from < len && is_plain(s[from]))
        from++;
    return from;
}

static size_t copy_slowly(const char *s, size_t len, size_t from, char *to)
{
    for (; from < len && is_plain(s[from]); from++)
        to[from] = s[from];
    return from;
}

/* A backslash at at[0] begins a known escape. */
static bool is_known(const char *at, const char *end)
{
    return end - at >= 2 && scan_escape[(unsigned char)at[1]];
}

static const char *string_slowly(const char *at, const char *end, bool *escaped)
{
    for (;;) {
        at += plain_slowly(at, (size_t)(end - at), 0);
        if (at == end || *at != '\\' || !is_known(at, end))
            return at;
        *escaped = true;
        at += 2;
    }
}

static size_t unescape_slowly(const char *s, size_t len, char *to, size_t *used)
{
    size_t at = 0;
    size_t out = 0;

    while (at < len) {
        char c = s[at];

        if (c == '\\') {
            if (!is_known(s + at, s + len))
                break;
            c = scan_escape[(unsigned char)s[++at]];
        }
        to[out++] = c;
        at++;
    }
    *used = out;
    return at;
}

#if HAVE_VECTORS

#define AVX2 __attribute__((target("avx2,bmi")))

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
}

/* A bit for each byte that JSON escapes. */
static inline uint32_t escapes_of_16(__m128i v)
{
    __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    __m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
    __m128i control = _mm_cmpeq_epi8(_mm_max_epu8(v, _mm_set1_epi8(0x1f)),
                                     _mm_set1_epi8(0x1f));

    return (uint32_t)_mm_movemask_epi8(
        _mm_or_si128(_mm_or_si128(quote, slash), control));
}

AVX2 static inline uint32_t escapes_of_32(__m256i v)
{
    __m256i quote = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('"'));
    __m256i slash = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\'));
    __m256i control = _mm256_cmpeq_epi8(
        _mm256_max_epu8(v, _mm256_set1_epi8(0x1f)), _mm256_set1_epi8(0x1f));

    return (uint32_t)_mm256_movemask_epi8(
        _mm256_or_si256(_mm256_or_si256(quote, slash), control));
}

static size_t plain_sse2(const char *s, size_t len)
{
    size_t at;

    for (at = 0; at + 16 <= len; at += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + at));
        uint32_t escapes = escapes_of_16(v);

        if (escapes)
            return at + (size_t)__builtin_ctz(escapes);
    }
    return plain_slowly(s, len, at);
}

AVX2 static size_t plain_avx2(const char *s, size_t len)
{
    size_t at;

    for (at = 0; at + 32 <= len; at += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(s + at));
        uint32_t escapes = escapes_of_32(v);

        if (escapes)
            return at + (size_t)__builtin_ctz(escapes);
    }
    return plain_slowly(s, len, at);
}

static size_t copy_sse2(const char *s, size_t len, char *to)
{
    size_t at;

    for (at = 0; at + 16 <= len; at += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + at));
        uint32_t escapes = escapes_of_16(v);

        _mm_storeu_si128((__m128i *)(void *)(to + at), v);
        if (escapes)
            return at + (size_t)__builtin_ctz(escapes);
    }
    return copy_slowly(s, len, at, to);
}

AVX2 static size_t copy_avx2(const char *s, size_t len, char *to)
{
    size_t at;

    for (at = 0; at + 32 <= len; at += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(s + at));
        uint32_t escapes = escapes_of_32(v);

        _mm256_storeu_si256((__m256i *)(void *)(to + at), v);
        if (escapes)
            return at + (size_t)__builtin_ctz(escapes);
    }
    return copy_slowly(s, len, at, to);
}

/* The quotes, backslashes, controls of 64 bytes, and what may stand after a
 * backslash. */
struct block {
    uint64_t quotes, slashes, controls, letters;
};

AVX2 static inline __m256i load(const void *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

AVX2 static inline __m256i high_half(__m256i v)
{
    return _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0f));
}

#define TWICE(...)                                                             \
    {                                                                          \
        __VA_ARGS__, __VA_ARGS__                                               \
    }

/* The letters of scan_escape: a bit for each high half that has any. */
static const uint8_t escape_by_high[32] =
    TWICE(0, 0, 1, 0, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0);
static const uint8_t escape_by_low[32] =
    TWICE(0, 0, 1 | 4 | 8, 0, 8, 0, 4, 0, 0, 0, 0, 0, 2, 0, 4, 1);

AVX2 static inline uint64_t mask_of(__m256i low, __m256i high)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32 |
           (uint32_t)_mm256_movemask_epi8(low);
}

AVX2 static inline uint64_t bytes_equal(__m256i low, __m256i high, char c)
{
    __m256i wanted = _mm256_set1_epi8(c);

    return mask_of(_mm256_cmpeq_epi8(low, wanted),
                   _mm256_cmpeq_epi8(high, wanted));
}

AVX2 static inline __m256i not_escapes(__m256i v)
{
    __m256i low = _mm256_and_si256(v, _mm256_set1_epi8(0x0f));
    __m256i both = _mm256_and_si256(
        _mm256_shuffle_epi8(load(escape_by_high), high_half(v)),
        _mm256_shuffle_epi8(load(escape_by_low), low));

    return _mm256_cmpeq_epi8(both, _mm256_setzero_si256());
}

AVX2 static inline struct block block_of(const char *s)
{
    const __m256i most = _mm256_set1_epi8(0x1f);
    __m256i low = load(s), high = load(s + 32);

    return (struct block){
        .quotes = bytes_equal(low, high, '"'),
        .slashes = bytes_equal(low, high, '\\'),
        .controls =
            mask_of(_mm256_cmpeq_epi8(_mm256_max_epu8(low, most), most),
                    _mm256_cmpeq_epi8(_mm256_max_epu8(high, most), most)),
        .letters = ~mask_of(not_escapes(low), not_escapes(high)),
    };
}

/* Which bytes stand after a backslash that isn't itself after one; *carry
 * tells the same of the byte after the block.  A run of backslashes that
 * begins at an odd place is made one that begins at an even one by the
 * carry of an addition; then those at odd places are escaped. */
static uint64_t escaped_of(uint64_t slashes, uint64_t *carry)
{
    const uint64_t even = 0x5555555555555555u;
    uint64_t after, odd_starts, even_runs, escaped;

    if (!slashes) {
        escaped = *carry;
        *carry = 0;
        return escaped;
    }
    slashes &= ~*carry;
    after = slashes << 1 | *carry;
    odd_starts = slashes & ~even & ~after;
    even_runs = odd_starts + slashes;
    *carry = even_runs < odd_starts;
    return (even ^ even_runs << 1) & after;
}

AVX2 static const char *string_blocks(const char *at, const char *end,
                                      bool *escaped)
{
    uint64_t carry = 0;

    for (; end - at >= 64; at += 64) {
        struct block block = block_of(at);
        uint64_t after = escaped_of(block.slashes, &carry);
        uint64_t stops =
            (block.quotes & ~after) | block.controls | (after & ~block.letters);

        if (stops) {
            unsigned i = (unsigned)__builtin_ctzll(stops);

            *escaped = *escaped || (after & (((uint64_t)1 << i) - 1));
            /* An escape that isn't known begins with its backslash. */
            return at + i - (after >> i & 1);
        }
        *escaped = *escaped || after;
    }
    return string_slowly(at - carry, end, escaped);
}

AVX2 static const char *string_avx2(const char *at, const char *end,
                                    bool *escaped)
{
    /* Most strings are short and plain. */
    if (end - at >= 32) {
        uint32_t escapes = escapes_of_32(load(at));

        if (!escapes)
            at += 32;
        else if (at[__builtin_ctz(escapes)] == '"')
            return at + __builtin_ctz(escapes);
    }
    return string_blocks(at, end, escaped);
}

AVX2 static inline void copy_32(char *to, const char *s)
{
    _mm256_storeu_si256((__m256i *)(void *)to, load(s));
}

/* The bits from i on; none when i is beyond them. */
static inline uint32_t bits_from(uint32_t bits, size_t i)
{
    return i < 32 ? bits >> i << i : 0;
}

/* By blocks of 32 bytes, while an escape at a block's end and a copy from
 * there still lie within the text.  What is copied too much is written over
 * by what follows. */
AVX2 static size_t unescape_avx2(const char *s, size_t len, char *to,
                                 size_t *used)
{
    const __m256i slash = _mm256_set1_epi8('\\');
    size_t at = 0, out = 0, more;

    while (len - at >= 66) {
        uint32_t slashes = (uint32_t)_mm256_movemask_epi8(
            _mm256_cmpeq_epi8(load(s + at), slash));
        size_t done = 0; /* of the block, and of the escape across its end */

        for (; slashes; slashes = bits_from(slashes, done)) {
            size_t i = (size_t)__builtin_ctz(slashes);
            char c = scan_escape[(unsigned char)s[at + i + 1]];

            copy_32(to + out, s + at + done);
            out += i - done;
            if (!c) {
                *used = out;
                return at + i;
            }
            to[out++] = c;
            done = i + 2;
        }
        if (done < 32) {
            copy_32(to + out, s + at + done);
            out += 32 - done;
            done = 32;
        }
        at += done;
    }
    at += unescape_slowly(s + at, len - at, to + out, &more);
    *used = out + more;
    return at;
}

const char *scan_string(const char *at, const char *end, bool *escaped)
{
    return has_avx2() ? string_avx2(at, end, escaped)
                      : string_slowly(at, end, escaped);
}

size_t scan_unescape(const char *s, size_t len, char *to, size_t *used)
{
    return has_avx2() ? unescape_avx2(s, len, to, used)
                      : unescape_slowly(s, len, to, used);
}

size_t scan_plain(const char *s, size_t len)
{
    return has_avx2() ? plain_avx2(s, len) : plain_sse2(s, len);
}

size_t scan_copy_plain(const char *s, size_t len, char *to)
{
    return has_avx2() ? copy_avx2(s, len, to) : copy_sse2(s, len, to);
}

/*
 * UTF-8 by vector, after J. Keiser and D. Lemire, "Validating UTF-8 in less
 * than one instruction per byte" (2020): three lookups by half bytes, of
 * the previous byte's halves and of the byte's high half, tell each error
 * of two bytes by a bit that all three agree upon; what a third and fourth
 * byte must be is told by the bytes two and three before.
 */
enum {
    TOO_SHORT = 1 << 0, /* a lead without its next byte */
    TOO_LONG = 1 << 1,  /* a next byte after ASCII */
    OVERLONG_3 = 1 << 2,
    TOO_LARGE = 1 << 3, /* F4 90 and more */
    SURROGATE = 1 << 4,
    OVERLONG_2 = 1 << 5,
    OVERLONG_4 = 1 << 6, /* and F5 80 and more */
    TWO_NEXT = 1 << 7,   /* two next bytes: fine after a long lead */
    CARRY = TOO_SHORT | TOO_LONG | TWO_NEXT,
};

static const uint8_t by_previous_high[32] =
    TWICE(TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
          TOO_LONG, TWO_NEXT, TWO_NEXT, TWO_NEXT, TWO_NEXT,
          TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
          TOO_SHORT | TOO_LARGE | OVERLONG_4);

#define LARGER (CARRY | TOO_LARGE | OVERLONG_4)
static const uint8_t by_previous_low[32] =
    TWICE(CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4, CARRY | OVERLONG_2,
          CARRY, CARRY, CARRY | TOO_LARGE, LARGER, LARGER, LARGER, LARGER,
          LARGER, LARGER, LARGER, LARGER, LARGER | SURROGATE, LARGER, LARGER);

#define NEXT (TOO_LONG | OVERLONG_2 | TWO_NEXT)
static const uint8_t by_high[32] = TWICE(
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
    TOO_SHORT, NEXT | OVERLONG_3 | OVERLONG_4, NEXT | OVERLONG_3 | TOO_LARGE,
    NEXT | SURROGATE | TOO_LARGE, NEXT | SURROGATE | TOO_LARGE, TOO_SHORT,
    TOO_SHORT, TOO_SHORT, TOO_SHORT);

/* Nonzero bytes where the block breaks the rules; before holds the 32
 * bytes before it. */
AVX2 static inline __m256i errors_of(__m256i v, __m256i before)
{
    __m256i joint = _mm256_permute2x128_si256(before, v, 0x21);
    __m256i back1 = _mm256_alignr_epi8(v, joint, 15);
    __m256i back2 = _mm256_alignr_epi8(v, joint, 14);
    __m256i back3 = _mm256_alignr_epi8(v, joint, 13);
    __m256i low = _mm256_and_si256(back1, _mm256_set1_epi8(0x0f));
    __m256i pairs = _mm256_and_si256(
        _mm256_and_si256(
            _mm256_shuffle_epi8(load(by_previous_high), high_half(back1)),
            _mm256_shuffle_epi8(load(by_previous_low), low)),
        _mm256_shuffle_epi8(load(by_high), high_half(v)));
    __m256i third = _mm256_subs_epu8(back2, _mm256_set1_epi8(0xe0 - 0x80));
    __m256i fourth = _mm256_subs_epu8(back3, _mm256_set1_epi8(0xf0 - 0x80));
    __m256i must = _mm256_and_si256(_mm256_or_si256(third, fourth),
                                    _mm256_set1_epi8((char)0x80));

    return _mm256_xor_si256(must, pairs);
}

/* A lead among the last three bytes that wants more than follows. */
AVX2 static inline bool ends_open(const char *end)
{
    return (unsigned char)end[-1] >= 0xc0 || (unsigned char)end[-2] >= 0xe0 ||
           (unsigned char)end[-3] >= 0xf0;
}

/* The start of the character that the byte before at belongs to, where
 * that may be unfinished. */
static size_t whole_before(const char *s, size_t at)
{
    size_t back;

    for (back = 1; back <= 3 && back <= at; back++)
        if ((unsigned char)s[at - back] >= 0xc0)
            return at - back;
    return at;
}

AVX2 static inline bool any(__m256i v)
{
    return !_mm256_testz_si256(v, v);
}

AVX2 static inline __m256i either(__m256i a, __m256i b)
{
    return _mm256_or_si256(a, b);
}

#define LARGE 128

/* By blocks of 128 bytes, as far as they go: afterwards *before holds the
 * last 32 bytes, and *open tells whether they end within a character. */
AVX2 static size_t utf8_large(const char *s, size_t len, __m256i *before,
                              bool *open)
{
    size_t at;

    for (at = 0; at + LARGE <= len; at += LARGE) {
        __m256i a = load(s + at), b = load(s + at + 32);
        __m256i c = load(s + at + 64), d = load(s + at + 96);

        if (!_mm256_movemask_epi8(either(either(a, b), either(c, d)))) {
            if (*open)
                break;
        } else {
            if (any(either(either(errors_of(a, *before), errors_of(b, a)),
                           either(errors_of(c, b), errors_of(d, c)))))
                break;
            *open = ends_open(s + at + LARGE);
        }
        *before = d;
    }
    return at;
}

AVX2 static size_t utf8_avx2(const char *s, size_t len)
{
    __m256i before = _mm256_setzero_si256();
    bool open = false;
    size_t at;

    for (at = utf8_large(s, len, &before, &open); at + 32 <= len; at += 32) {
        __m256i v = load(s + at);

        if (_mm256_movemask_epi8(v)) {
            if (any(errors_of(v, before)))
                break;
            open = ends_open(s + at + 32);
        } else if (open) {
            break;
        }
        before = v;
    }
    return whole_before(s, at);
}

size_t scan_utf8(const char *s, size_t len)
{
    return has_avx2() ? utf8_avx2(s, len) : 0;
}

#else

const char *scan_string(const char *at, const char *end, bool *escaped)
{
    return string_slowly(at, end, escaped);
}

size_t scan_unescape(const char *s, size_t len, char *to, size_t *used)
{
    return unescape_slowly(s, len, to, used);
}

size_t scan_plain(const char *s, size_t len)
{
    return plain_slowly(s, len, 0);
}

size_t scan_copy_plain(const char *s, size_t len, char *to)
{
    return copy_slowly(s, len, 0, to);
}

size_t scan_utf8(const char *s, size_t len)
{
    (void)s;
    (void)len;
    return 0;
}

#endif
