/* Does a little of everything that the header offers; what, the solver's id says. In C and in C++. */

#include "dpm_spec_testee.h"

static int sample(const dpm_case *run, dpm_runner *runner, dpm_real *x) {
    dpm_real m[64], z[64];
    if (!strcmp(run->solver, "dpmpp-2m")) return dpm_refuse(runner, "no \"second\" order");
    if (!strcmp(run->solver, "dpmpp-3m")) return dpm_fail(runner, "no third order");
    while (!strcmp(run->solver, "dpm-2m")) {
        if (dpm_model(runner, 0.5, x, m)) return 1;
    }
    for (size_t i = 0; i < run->steps; i++) {
        if (dpm_restart(runner, x)) return 1;
        if (dpm_model(runner, run->times[i], x, m) || dpm_noise(runner, z)) return 1;
        for (size_t j = 0; j < run->length; j++) x[j] += m[j] + 2 * z[j] + run->eta;
    }
    return 0;
}

static int nodes(const char *schedule, const char *grid, size_t steps, dpm_runner *runner,
                 dpm_real *times) {
    if (strcmp(schedule, "vp-linear") || strcmp(grid, "time")) return dpm_fail(runner, "misread");
    for (size_t i = 0; i <= steps; i++) times[i] = 1 - (dpm_real)i / (dpm_real)steps;
    return 0;
}

static int threshold(const dpm_rule *rule, size_t length, dpm_runner *runner, dpm_real *x) {
    if (rule->dynamic) {
        if (length < 2) return dpm_fail(runner, "misread");
        x[0] = rule->ratio;
        x[1] = rule->max;
    } else {
        for (size_t i = 0; i < length; i++) x[i] = x[i] > rule->bound ? rule->bound : x[i];
    }
    return 0;
}

int main(void) {
    dpm_testee all;
    memset(&all, 0, sizeof all);
    all.name = "everything";
    all.version = "1.5";
    all.time = "lambda";
    all.spaces = "vp ve";
    all.solvers = "ddim dpmpp-2m dpmpp-3m dpm-2m";
    all.schedules = "vp-linear";
    all.predictions = "v";
    all.policies = "final=lower";
    all.grids = "time";
    all.local = 1;
    all.sample = sample;
    all.nodes = nodes;
    all.threshold = threshold;
    return dpm_serve(&all);
}
