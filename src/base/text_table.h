/*
 * text_table.h -- the tables behind text.h; written by
 * contrib/tables/fold.py.  Private to base.
 */
#ifndef BASE_TEXT_TABLE_H
#define BASE_TEXT_TABLE_H

#include "base/base.h"

#define TEXT_FOLD_LIMIT 0x20000 /* code points from here on stay */
#define TEXT_FOLD_PAGE 128
#define TEXT_FOLD_DROP 0xffff
#define TEXT_FOLD_EXPAND 0xe000 /* + row of text_fold_expansion */

extern const uint8_t text_fold_page[TEXT_FOLD_LIMIT / TEXT_FOLD_PAGE];
/* 0 = stays as it is */
extern const uint16_t text_fold_entry[][TEXT_FOLD_PAGE];
extern const uint16_t text_fold_expansion[][4];

/* First and last code point of each run of combining marks, ascending. */
extern const uint32_t text_mark[][2];
extern const size_t text_marks;

#endif
