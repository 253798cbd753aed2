/* DPM-Solver++(2M) (Lu et al. 2022, Algorithm 2) and DDIM, its first order; with -DDPM_SPEC_F32 in
   single precision. */

#include "dpm_spec_testee.h"
#include <tgmath.h>

/* (sigma/alpha)^2 at the indices of `discrete-linear`. */
static dpm_real table[1000];

static void make_table(void) {
    dpm_real signal = 1, noise = 0;
    for (int i = 0; i < 1000; i++) {
        dpm_real beta = (dpm_real)(0.0001 + (0.02 - 0.0001) * i / 999);
        /* Summed, since 1 - signal would cancel. */
        noise += signal * beta;
        signal *= 1 - beta;
        table[i] = noise / signal;
    }
}

typedef struct {
    dpm_real alpha, sigma, lambda;
} level;

/* A time of `discrete-linear` is an index. */
static level level_at(const char *schedule, dpm_real t) {
    dpm_real b = (dpm_real)0.1, c = (dpm_real)(20 - 0.1), tau;
    level found;
    if (strcmp(schedule, "vp-linear")) tau = table[(int)t];
    else tau = expm1((c * t / 2 + b) * t);
    found.alpha = 1 / sqrt(1 + tau);
    found.sigma = sqrt(tau / (1 + tau));
    found.lambda = -log(tau) / 2;
    return found;
}

static int sample(const dpm_case *run, dpm_runner *runner, dpm_real *x) {
    int second = !strcmp(run->solver, "dpmpp-2m"), stop = 0;
    size_t size = run->length * sizeof *x;
    dpm_real *m = malloc(size), *older = malloc(size), h_older = 0;
    for (size_t i = 0; i < run->steps && !stop; i++) {
        level from = level_at(run->schedule, (dpm_real)run->times[i]);
        level to = level_at(run->schedule, (dpm_real)run->times[i + 1]);
        dpm_real h = to.lambda - from.lambda;
        stop = dpm_restart(runner, x) || dpm_model(runner, run->times[i], x, m);
        for (size_t j = 0; j < run->length; j++) {
            dpm_real d = second && i ? m[j] + (m[j] - older[j]) * h / (2 * h_older) : m[j];
            x[j] = to.sigma / from.sigma * x[j] - to.alpha * expm1(-h) * d;
        }
        memcpy(older, m, size);
        h_older = h;
    }
    free(m);
    free(older);
    return stop;
}

int main(void) {
    dpm_testee example = {0};
    example.name = "example";
    example.version = "1";
    example.solvers = "ddim dpmpp-2m";
    example.schedules = "vp-linear discrete-linear";
    example.local = 1;
    example.sample = sample;
    make_table();
    return dpm_serve(&example);
}
