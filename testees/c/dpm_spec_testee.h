/*
Lets `dpm-spec check` ask a sampler written in C99 or C++. One header, no dependencies; include it
in one file.

    #include "dpm_spec_testee.h"

    static int sample(const dpm_case *run, dpm_runner *runner, dpm_real *x) {
        dpm_real *m = (dpm_real *)malloc(run->length * sizeof *m);
        int stop = 0;
        for (size_t i = 0; i < run->steps && !stop; i++) {
            stop = dpm_model(runner, run->times[i], x, m);
            ... x from x and m ...
        }
        free(m);
        return stop;
    }

    int main(void) {
        dpm_testee mine = {0};
        mine.name = "mine";
        mine.solvers = "dpmpp-2m";
        mine.schedules = "vp-linear";
        mine.sample = sample;
        return dpm_serve(&mine);
    }

Then: cc mine.c -o mine -lm && dpm-spec check -- ./mine

States, outputs and noises are arrays of run->length numbers; x is the first state and becomes the
last one. dpm_model, dpm_noise and dpm_restart return 0, or else the run is over: free what you
hold and return 1. `return dpm_refuse(runner, reason)` for what the sampler cannot do: the case is
skipped. `return dpm_fail(runner, message)` for a failure. Lists of names are one text with spaces.
With DPM_SPEC_F32 defined the sampler computes in float. Standard output carries the protocol: log
to standard error.

The protocol: spec/protocol.md of dpm-spec.
*/
#ifndef DPM_SPEC_TESTEE_H
#define DPM_SPEC_TESTEE_H

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef DPM_SPEC_F32
typedef float dpm_real;
#define DPM_ELEMENT "f32"
#else
typedef double dpm_real;
#define DPM_ELEMENT "f64"
#endif

/* What a run is asked for. */
typedef struct {
    const char *solver, *schedule, *prediction, *space;
    /* What the solver's formula leaves open; outer and stages are NULL where they say nothing. */
    const char *start, *final_order, *zero, *blocks, *outer, *stages;
    double eta;
    size_t steps;
    /* steps + 1 nodes, from noise to data. */
    const dpm_real *times;
    /* Numbers of a state. */
    size_t length;
} dpm_case;

/* dynamic: s = the quantile `ratio` of |x|, at least 1 and at most `max`; clip to s, divide by s.
   Otherwise clip to `bound`. */
typedef struct {
    int dynamic;
    double bound, ratio, max;
} dpm_rule;

typedef struct dpm_runner dpm_runner;

/* What a sampler is and can do; what is left at 0 it does not have. */
typedef struct {
    const char *name, *version, *solvers, *schedules, *predictions, *policies, *grids;
    /* Where NULL: "C", "continuous", "vp". */
    const char *language, *time, *spaces;
    int (*sample)(const dpm_case *run, dpm_runner *runner, dpm_real *x);
    /* Writes the steps + 1 times of one of the grids. */
    int (*nodes)(const char *schedule, const char *grid, size_t steps, dpm_runner *runner,
                 dpm_real *times);
    /* Applies the rule to a sample of `length` numbers. */
    int (*threshold)(const dpm_rule *rule, size_t length, dpm_runner *runner, dpm_real *sample);
    /* Whether sample calls dpm_restart at the start of every step. */
    int local;
} dpm_testee;

/* ---- Text ---- */

typedef struct {
    char *text;
    size_t length, room;
} dpm_line;

static void dpm_die(const char *what) {
    fprintf(stderr, "dpm_spec_testee: %s\n", what);
    exit(1);
}

static void *dpm_new(size_t count, size_t size) {
    void *made = calloc(count + 1, size);
    if (!made) dpm_die("no memory");
    return made;
}

static void dpm_grow(dpm_line *line, size_t more) {
    if (line->length + more < line->room) return;
    line->room = 2 * (line->length + more + 1);
    line->text = (char *)realloc(line->text, line->room);
    if (!line->text) dpm_die("no memory");
}

/* As printf; a single text may have any length. */
static void dpm_put(dpm_line *line, const char *format, ...) {
    va_list values;
    int length;
    va_start(values, format);
    length = vsnprintf(NULL, 0, format, values);
    va_end(values);
    dpm_grow(line, (size_t)length + 1);
    va_start(values, format);
    line->length += (size_t)vsnprintf(line->text + line->length, (size_t)length + 1, format, values);
    va_end(values);
}

static void dpm_put_text(dpm_line *line, const char *text, size_t length) {
    dpm_put(line, "\"");
    for (; length--; text++) {
        unsigned char byte = (unsigned char)*text;
        int plain = byte >= 32 && byte != '"' && byte != '\\';
        dpm_put(line, plain ? "%c" : "\\u%04x", byte);
    }
    dpm_put(line, "\"");
}

static void dpm_put_vector(dpm_line *line, const dpm_real *x, size_t length) {
    dpm_put(line, "[");
    for (size_t i = 0; i < length; i++) {
        dpm_put(line, i ? "," : "");
        /* The sign of a NaN is no part of its text. */
        dpm_put(line, x[i] != x[i] ? "\"nan\"" : "\"%a\"", (double)x[i]);
    }
    dpm_put(line, "]");
}

/* ---- JSON, as the runner writes it ---- */

/* The kind is '{', '[', '"', or '0' for all else; key is its name in an object. */
typedef struct dpm_json {
    char kind, *key, *text;
    struct dpm_json *first, *next;
} dpm_json;

static void dpm_free(dpm_json *json) {
    while (json) {
        dpm_json *next = json->next;
        dpm_free(json->first);
        free(json);
        json = next;
    }
}

static char dpm_peek(char **at) {
    *at += strspn(*at, " \t\r\n,:");
    if (!**at) dpm_die("the runner's line is no JSON");
    return **at;
}

/* Ends a string in place and returns its start. No id holds a character that must be escaped. */
static char *dpm_string(char **at) {
    char *start = ++*at;
    for (; **at != '"'; (*at)++) {
        if (**at == '\\') (*at)++;
        if (!**at) dpm_die("the runner's line is no JSON");
    }
    *(*at)++ = 0;
    return start;
}

static dpm_json *dpm_value(char **at) {
    dpm_json *json = (dpm_json *)dpm_new(1, sizeof *json), **last = &json->first;
    json->kind = dpm_peek(at);
    if (json->kind == '"') {
        json->text = dpm_string(at);
    } else if (json->kind == '{' || json->kind == '[') {
        char close = json->kind == '{' ? '}' : ']';
        for (++*at; dpm_peek(at) != close; last = &(*last)->next) {
            char *key = close == '}' ? dpm_string(at) : NULL;
            *last = dpm_value(at);
            (*last)->key = key;
        }
        ++*at;
    } else {
        json->kind = '0';
        json->text = *at;
        *at += strcspn(*at, ",]} \t\r\n");
    }
    return json;
}

static dpm_json *dpm_member(const dpm_json *object, const char *key) {
    dpm_json *member = object ? object->first : NULL;
    while (member && strcmp(member->key, key)) member = member->next;
    return member;
}

static const char *dpm_text(const dpm_json *object, const char *key) {
    dpm_json *member = dpm_member(object, key);
    return member ? member->text : NULL;
}

static double dpm_number(const dpm_json *object, const char *key) {
    const char *text = dpm_text(object, key);
    return text ? strtod(text, NULL) : 0;
}

static size_t dpm_count(const dpm_json *list) {
    size_t count = 0;
    for (const dpm_json *item = list->first; item; item = item->next) count++;
    return count;
}

/* Reads at most `length` numbers of a list. */
static void dpm_read_vector(const dpm_json *list, dpm_real *x, size_t length) {
    const dpm_json *item = list ? list->first : NULL;
    for (; length-- && item; item = item->next) *x++ = (dpm_real)strtod(item->text, NULL);
}

static dpm_real *dpm_new_vector(const dpm_json *list) {
    dpm_real *x = (dpm_real *)dpm_new(dpm_count(list), sizeof *x);
    dpm_read_vector(list, x, dpm_count(list));
    return x;
}

/* ---- Messages ---- */

struct dpm_runner {
    dpm_line in, out;
    const char *seq;
    size_t length, calls, draws, steps, most_draws;
    int local;
    /* In a run with a script: what comes next, and what was seen. */
    const dpm_json *script, *output, *noise;
    dpm_line seen_calls, seen_draws;
    /* "" or how the run ended, and why. */
    const char *end;
    char why[480];
};

/* The next message. Its texts last until the one after it is read. */
static dpm_json *dpm_read(dpm_runner *runner, dpm_line *in) {
    char *at;
    dpm_json *message;
    in->length = 0;
    do {
        dpm_grow(in, 1 << 16);
        if (!fgets(in->text + in->length, 1 << 16, stdin)) exit(0);
        in->length += strlen(in->text + in->length);
    } while (in->text[in->length - 1] != '\n');
    at = in->text;
    message = dpm_value(&at);
    /* The number runs up to a comma, as strtoull reads it. */
    runner->seq = dpm_text(message, "seq");
    return message;
}

static dpm_line *dpm_begin(dpm_runner *runner, const char *type) {
    runner->out.length = 0;
    dpm_put(&runner->out, "{\"type\":\"%s\",\"seq\":%llu", type, strtoull(runner->seq, NULL, 10));
    return &runner->out;
}

static void dpm_send(dpm_runner *runner) {
    dpm_put(&runner->out, "}\n");
    fwrite(runner->out.text, 1, runner->out.length, stdout);
    fflush(stdout);
}

/* Sends a question and reads the vector in its answer; 1 if the run is over. */
static int dpm_ask(dpm_runner *runner, const char *key, dpm_real *answer) {
    dpm_json *message;
    dpm_send(runner);
    message = dpm_read(runner, &runner->in);
    if (!strcmp(dpm_text(message, "type"), "stop")) runner->end = "stopped";
    dpm_read_vector(dpm_member(message, key), answer, runner->length);
    dpm_free(message);
    return *runner->end != 0;
}

static int dpm_end(dpm_runner *runner, const char *end, const char *why) {
    if (!*runner->end) {
        runner->end = end;
        snprintf(runner->why, sizeof runner->why, "%s", why);
    }
    return 1;
}

/* ---- What a sampler calls ---- */

/* The sampler cannot do this. */
static inline int dpm_refuse(dpm_runner *runner, const char *reason) {
    return dpm_end(runner, "skipped", reason);
}

/* The sampler failed. */
static inline int dpm_fail(dpm_runner *runner, const char *message) {
    return dpm_end(runner, "error", message);
}

static void dpm_put_call(dpm_line *line, double t, const dpm_real *x, size_t length) {
    dpm_put(line, "\"time\":\"%a\",\"state\":", t);
    dpm_put_vector(line, x, length);
}

/* The network's output for the state x at time t. */
static inline int dpm_model(dpm_runner *runner, double t, const dpm_real *x, dpm_real *output) {
    size_t call = runner->calls++;
    if (*runner->end) return 1;
    if (!runner->script) {
        dpm_put(dpm_begin(runner, "eval"), ",\"call\":%zu,", call);
        dpm_put_call(&runner->out, t, x, runner->length);
        return dpm_ask(runner, "output", output);
    }
    dpm_put(&runner->seen_calls, call ? ",{" : "{");
    dpm_put_call(&runner->seen_calls, t, x, runner->length);
    dpm_put(&runner->seen_calls, "}");
    if (!runner->output) return dpm_fail(runner, "far more model calls than the solver makes");
    dpm_read_vector(runner->output, output, runner->length);
    runner->output = runner->output->next;
    return 0;
}

/* The next noise. */
static inline int dpm_noise(dpm_runner *runner, dpm_real *noise) {
    size_t draw = runner->draws++;
    if (*runner->end) return 1;
    if (!runner->script) {
        dpm_put(dpm_begin(runner, "draw"), ",\"draw\":%zu", draw);
        return dpm_ask(runner, "noise", noise);
    }
    dpm_put(&runner->seen_draws, draw ? ",%zu" : "%zu", runner->calls);
    if (!runner->noise || draw == runner->most_draws)
        return dpm_fail(runner, "far more noises than the solver draws");
    dpm_read_vector(runner->noise, noise, runner->length);
    /* Beyond what is known the last one comes again. */
    if (runner->noise->next) runner->noise = runner->noise->next;
    return 0;
}

/* The state that a step starts from: x becomes it. */
static inline int dpm_restart(dpm_runner *runner, dpm_real *x) {
    if (*runner->end) return 1;
    if (!runner->local) return 0;
    dpm_put(dpm_begin(runner, "restart"), ",\"step\":%zu,\"state\":", runner->steps++);
    dpm_put_vector(&runner->out, x, runner->length);
    return dpm_ask(runner, "state", x);
}

/* ---- Requests ---- */

/* The reply to a run, grid or threshold; its fields, or why there are none. */
static void dpm_reply(dpm_runner *runner, const char *type, int stop, const char *fields) {
    if (stop) dpm_fail(runner, "the sampler gave up without a word");
    dpm_begin(runner, *runner->end ? runner->end : type);
    if (!*runner->end) dpm_put(&runner->out, "%s", fields);
    if (*runner->why) {
        dpm_put(&runner->out, ",\"%s\":", *runner->end == 'e' ? "message" : "reason");
        dpm_put_text(&runner->out, runner->why, strlen(runner->why));
    }
    dpm_send(runner);
}

static void dpm_run(const dpm_testee *testee, dpm_runner *runner, const dpm_json *request) {
    const dpm_json *asked = dpm_member(request, "case"), *policy = dpm_member(asked, "policy");
    const dpm_json *start = dpm_member(request, "start"), *script = dpm_member(request, "script");
    const char *local = dpm_text(request, "local");
    dpm_real *times = dpm_new_vector(dpm_member(asked, "times")), *x = dpm_new_vector(start);
    dpm_line fields = {NULL, 0, 0};
    dpm_case run;
    int stop;
    run.solver = dpm_text(asked, "solver");
    run.schedule = dpm_text(asked, "schedule");
    run.prediction = dpm_text(asked, "prediction");
    run.space = dpm_text(asked, "space");
    run.start = dpm_text(policy, "start");
    run.final_order = dpm_text(policy, "final");
    run.zero = dpm_text(policy, "zero");
    run.blocks = dpm_text(policy, "blocks");
    run.outer = dpm_text(policy, "outer");
    run.stages = dpm_text(policy, "stages");
    run.eta = dpm_number(asked, "eta");
    run.steps = (size_t)dpm_number(asked, "steps");
    run.times = times;
    run.length = runner->length = dpm_count(start);
    runner->local = local && *local == 't';
    runner->calls = runner->draws = runner->steps = 0;
    runner->script = script;
    runner->output = script ? dpm_member(script, "outputs")->first : NULL;
    runner->noise = script ? dpm_member(script, "noises")->first : NULL;
    if (script) {
        runner->most_draws = dpm_count(dpm_member(script, "noises"));
        runner->most_draws += 4 * dpm_count(dpm_member(script, "outputs"));
    }
    runner->seen_calls.length = runner->seen_draws.length = 0;
    dpm_put(&runner->seen_calls, "");
    dpm_put(&runner->seen_draws, "");
    stop = testee->sample(&run, runner, x);
    dpm_put(&fields, ",\"state\":");
    dpm_put_vector(&fields, x, run.length);
    if (script) {
        dpm_put(&fields, ",\"calls\":[%s]", runner->seen_calls.text);
        dpm_put(&fields, ",\"draws\":[%s]", runner->seen_draws.text);
    }
    dpm_reply(runner, "result", stop, fields.text);
    free(fields.text);
    free(times);
    free(x);
}

static void dpm_grid(const dpm_testee *testee, dpm_runner *runner, const dpm_json *request) {
    const char *schedule = dpm_text(request, "schedule"), *grid = dpm_text(request, "grid");
    size_t steps = (size_t)dpm_number(request, "steps");
    dpm_real *times = (dpm_real *)dpm_new(steps + 1, sizeof *times);
    dpm_line fields = {NULL, 0, 0};
    int stop = testee->nodes(schedule, grid, steps, runner, times);
    dpm_put(&fields, ",\"times\":");
    dpm_put_vector(&fields, times, steps + 1);
    dpm_reply(runner, "nodes", stop, fields.text);
    free(fields.text);
    free(times);
}

static void dpm_clip(const dpm_testee *testee, dpm_runner *runner, const dpm_json *request) {
    const dpm_json *asked = dpm_member(request, "rule");
    const dpm_json *first = dpm_member(request, "samples")->first;
    dpm_line fields = {NULL, 0, 0};
    dpm_rule rule;
    int stop = 0;
    rule.dynamic = !strcmp(dpm_text(asked, "kind"), "dynamic");
    rule.bound = dpm_number(asked, "bound");
    rule.ratio = dpm_number(asked, "ratio");
    rule.max = dpm_number(asked, "max");
    dpm_put(&fields, ",\"samples\":[");
    for (const dpm_json *sample = first; sample && !stop; sample = sample->next) {
        dpm_real *x = dpm_new_vector(sample);
        stop = testee->threshold(&rule, dpm_count(sample), runner, x);
        dpm_put(&fields, sample == first ? "" : ",");
        dpm_put_vector(&fields, x, dpm_count(sample));
        free(x);
    }
    dpm_put(&fields, "]");
    dpm_reply(runner, "samples", stop, fields.text);
    free(fields.text);
}

/* A name, or what stands for none. */
static void dpm_put_name(dpm_runner *runner, const char *key, const char *name, const char *usual) {
    dpm_put(&runner->out, ",\"%s\":", key);
    dpm_put_text(&runner->out, name ? name : usual, strlen(name ? name : usual));
}

/* A list of names that stand in one text. */
static void dpm_put_names(dpm_runner *runner, const char *key, const char *names) {
    size_t length;
    if (!names) names = "";
    dpm_put(&runner->out, ",\"%s\":[", key);
    for (names += strspn(names, " "); *names; names += strspn(names, " ")) {
        length = strcspn(names, " ");
        dpm_put_text(&runner->out, names, length);
        names += length;
        dpm_put(&runner->out, names[strspn(names, " ")] ? "," : "");
    }
    dpm_put(&runner->out, "]");
}

static void dpm_greet(const dpm_testee *testee, dpm_runner *runner) {
    dpm_put(dpm_begin(runner, "hello"), ",\"protocol\":1,\"element\":\"" DPM_ELEMENT "\"");
    dpm_put_name(runner, "name", testee->name, "unnamed");
    dpm_put_name(runner, "version", testee->version, "");
    dpm_put_name(runner, "language", testee->language, "C");
    dpm_put_name(runner, "time", testee->time, "continuous");
    dpm_put_names(runner, "spaces", testee->spaces ? testee->spaces : "vp");
    dpm_put_names(runner, "solvers", testee->solvers);
    dpm_put_names(runner, "schedules", testee->schedules);
    dpm_put_names(runner, "predictions", testee->predictions);
    dpm_put_names(runner, "policies", testee->policies);
    dpm_put_names(runner, "grids", testee->grids);
    dpm_put_names(runner, "models", "script callback");
    dpm_put(&runner->out, ",\"thresholds\":%s", testee->threshold ? "true" : "false");
    dpm_put(&runner->out, ",\"local\":%s", testee->local ? "true" : "false");
    dpm_send(runner);
}

/* Answers the runner until it says bye; for `return dpm_serve(...)` in main. */
static inline int dpm_serve(const dpm_testee *testee) {
    dpm_runner runner;
    dpm_line in = {NULL, 0, 0};
    int over = 0;
    memset(&runner, 0, sizeof runner);
    while (!over) {
        dpm_json *request = dpm_read(&runner, &in);
        const char *type = dpm_text(request, "type");
        runner.end = "";
        *runner.why = 0;
        over = !strcmp(type, "bye");
        if (over) dpm_reply(&runner, "bye", 0, "");
        else if (!strcmp(type, "hello")) dpm_greet(testee, &runner);
        else if (!strcmp(type, "run")) dpm_run(testee, &runner, request);
        else if (!strcmp(type, "grid")) dpm_grid(testee, &runner, request);
        else if (!strcmp(type, "threshold")) dpm_clip(testee, &runner, request);
        else dpm_die("the runner says what nobody asked for");
        dpm_free(request);
    }
    free(in.text);
    free(runner.in.text);
    free(runner.out.text);
    free(runner.seen_calls.text);
    free(runner.seen_draws.text);
    return 0;
}

#endif
