#include "batch/compare.h"

#include <math.h>

#define HOURS_OF_YEAR 8766.0

struct compare_local compare_local(const struct compare_job *job,
                                   const struct compare_machine *machine)
{
    struct compare_local l = { .hours = job->requests / machine->rate / 3600 };

    l.energy = l.hours * machine->watts / 1000;
    l.power = l.energy * machine->kwh;
    l.wear = machine->hardware * l.hours /
             (machine->years * machine->use * HOURS_OF_YEAR);
    return l;
}

double compare_cloud(const struct compare_job *job, const struct price *price)
{
    double cached = job->input * job->cached;

    return job->requests *
           ((job->input - cached) * price->input + cached * price->cached +
            job->output * price->output);
}

double compare_payback(const struct compare_local *local,
                       const struct compare_machine *machine, double cloud)
{
    double saved = cloud - local->power;

    return saved > 0 ? ceil(machine->hardware / saved) : -1;
}
