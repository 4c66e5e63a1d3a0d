/*
 * compare.h -- a machine of one's own against a provider: what a job costs.
 *
 * Pure: numbers in, numbers out.  Money is in one currency throughout, that
 * of the price list.  A machine's rate, years and use are greater than 0.
 */
#ifndef BATCH_COMPARE_H
#define BATCH_COMPARE_H

#include "batch/price.h"

struct compare_job {
    double requests;
    double input, output; /* tokens of one request */
    double cached;        /* share of the input that is cached, 0 ... 1 */
};

struct compare_machine {
    double rate;     /* answers a second */
    double watts;    /* while it works */
    double kwh;      /* price of a kilowatt hour */
    double hardware; /* price */
    double years;    /* that it is used */
    double use;      /* share of these years that it works, 0 ... 1 */
};

struct compare_local {
    double hours, energy; /* kWh */
    double power;         /* its price */
    double wear;          /* the hardware's price by hours of work */
};

struct compare_local compare_local(const struct compare_job *job,
                                   const struct compare_machine *machine);
/* At the provider. */
double compare_cloud(const struct compare_job *job, const struct price *price);
/* Jobs of this kind after which the hardware has paid for itself; < 0:
 * never, the provider is cheaper than the power. */
double compare_payback(const struct compare_local *local,
                       const struct compare_machine *machine, double cloud);

#endif
