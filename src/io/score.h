/*
 * score.h -- the numbers in an answer.
 *
 * An answer is a number ("8", "8.5", "Score: 8/10"), or JSON (in a fence or
 * not): a number, or an object.  Of an object the score is its member overall,
 * overall_score, score, total_score or total, in that order -- a number,
 * a number as text or an object with one named score -- and the parts are
 * its other members that are objects with a score, whose name ends in score,
 * or that stand in a member scores.  An object with parts only has their
 * mean.  Anything else has no score: it is not zero.
 */
#ifndef IO_SCORE_H
#define IO_SCORE_H

#include "base/jsonr.h"

#define SCORE_PARTS 16
#define SCORE_NAME 48

struct score {
    bool found;
    double value;
    size_t count;
    char names[SCORE_PARTS][SCORE_NAME]; /* cut to fit */
    double parts[SCORE_PARTS];
};

/* The text is an answer's content; doc is used for reading it. */
void score_read(struct json_doc *doc, const char *text, size_t len,
                struct score *score);

#endif
