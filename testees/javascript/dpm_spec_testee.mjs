/*
Lets `dpm-spec check` ask a sampler written in JavaScript. One file, no dependencies, Node 18 or
later.

    import { serve } from "./dpm_spec_testee.mjs";

    function sample(run, model, x, noise) {
      for (let i = 0; i < run.steps; i++) {
        const m = model(run.times[i], x);
        x = ...;
      }
      return x;
    }

    serve({ sample, name: "mine", solvers: ["dpmpp-2m"], schedules: ["vp-linear"] });

Then: dpm-spec check -- node mine.mjs

`x`, what `model(t, x)` and `noise()` return, and the result are vectors of numbers: arrays in, any
iterable out. `run` has `solver`, `eta`, `schedule`, `prediction`, `policy` (an object), `space`,
`steps` and `times` (one more than steps). Throw `Refused` for what the sampler cannot do: the case
is skipped. Anything else that is thrown is a failure of the case. Standard output carries the
protocol, so `console.log` goes to standard error.

The protocol: spec/protocol.md of dpm-spec.
*/

import { readSync, writeSync } from "node:fs";
import { isatty } from "node:tty";

const PROTOCOL = 1;

/** The sampler cannot do this; the case is skipped with this reason. */
export class Refused extends Error {}

/** The runner has ended the run. */
class Stopped extends Error {}

/**
 * Answers the runner until it says bye.
 *
 * `sample(run, model, x, noise)` returns the last state. With `grids`, `nodes(schedule, grid,
 * steps)` returns the times of a grid. `threshold(rule, samples)` returns the samples after `rule`:
 * `rule.kind` is "static" (with `bound`) or "dynamic" (with `ratio` and `max`). With `local`,
 * `sample` calls `x = model.restart(x)` at the start of every step.
 */
export function serve({
  sample,
  name,
  solvers,
  schedules,
  version = "",
  element = "f64",
  time = "continuous",
  spaces = ["vp"],
  predictions = [],
  policies = [],
  models = ["script", "callback"],
  grids = [],
  nodes,
  threshold,
  local = false,
}) {
  if (isatty(0)) {
    console.error(
      `${name}: a sampler for dpm-spec. Ask it: dpm-spec check -- node ${process.argv[1]}`,
    );
    process.exit(1);
  }
  globalThis.console = new console.Console(process.stderr);
  const runner = new Runner();
  const hello = {
    protocol: PROTOCOL,
    name,
    version,
    language: "JavaScript",
    element,
    time,
    spaces,
    solvers,
    schedules,
    predictions,
    policies,
    models,
    grids,
    thresholds: threshold !== undefined,
    local,
  };
  for (;;) {
    const request = runner.read();
    switch (request.type) {
      case "run":
        runner.attempt(() => answerRun(sample, runner, request));
        break;
      case "grid":
        runner.attempt(() => {
          const times = nodes(request.schedule, request.grid, request.steps);
          return { type: "nodes", times: texts(times) };
        });
        break;
      case "threshold":
        runner.attempt(() => answerThreshold(threshold, request));
        break;
      case "hello":
        runner.reply({ type: "hello", ...hello });
        break;
      case "bye":
        runner.reply({ type: "bye" });
        process.exit(0);
      default:
        console.error(`dpm_spec_testee: the runner says ${request.type}, which nobody asked for`);
        process.exit(1);
    }
  }
}

/** Standard input and output, one message a line. */
class Runner {
  #seq = 0;
  #chunk = Buffer.alloc(1 << 16);
  #unread = Buffer.alloc(0);
  stopped = false;

  read() {
    const parts = [];
    let end;
    while ((end = this.#unread.indexOf(10)) < 0) {
      parts.push(this.#unread);
      const count = patiently(() => readSync(0, this.#chunk));
      if (count === 0) process.exit(0);
      this.#unread = Buffer.from(this.#chunk.subarray(0, count));
    }
    parts.push(this.#unread.subarray(0, end));
    this.#unread = this.#unread.subarray(end + 1);
    const request = JSON.parse(Buffer.concat(parts).toString());
    this.#seq = request.seq;
    return request;
  }

  reply({ type, ...fields }) {
    let bytes = Buffer.from(`${JSON.stringify({ type, seq: this.#seq, ...fields })}\n`);
    while (bytes.length > 0) {
      bytes = bytes.subarray(patiently(() => writeSync(1, bytes)));
    }
  }

  /** A question within a run, and its answer. */
  ask(message) {
    if (this.stopped) throw new Stopped();
    this.reply(message);
    const answer = this.read();
    this.stopped = answer.type === "stop";
    if (this.stopped) throw new Stopped();
    return answer;
  }

  /** Replies, or says why not. */
  attempt(answer) {
    this.stopped = false;
    let reply;
    try {
      reply = answer();
    } catch (error) {
      if (error instanceof Refused) {
        reply = { type: "skipped", reason: error.message };
      } else {
        if (!this.stopped) console.error(error);
        reply = { type: "error", message: described(error) };
      }
    }
    this.reply(this.stopped ? { type: "stopped" } : reply);
  }
}

function answerRun(sample, runner, { case: run, start, script, local }) {
  run = { ...run, eta: number(run.eta), times: vector(run.times) };
  const calls = [];
  const draws = [];
  let made = 0;
  let drawn = 0;
  let steps = 0;
  const asked = {
    model: (t, x) =>
      vector(runner.ask({ type: "eval", call: made++, time: text(t), state: texts(x) }).output),
    noise: () => vector(runner.ask({ type: "draw", draw: drawn++ }).noise),
  };
  const scripted = {
    model: (t, x) => {
      calls.push({ time: text(t), state: texts(x) });
      if (calls.length > script.outputs.length) {
        throw new Error(`${calls.length} model calls: far more than the solver makes`);
      }
      return vector(script.outputs[calls.length - 1]);
    },
    noise: () => {
      draws.push(calls.length);
      const { outputs, noises } = script;
      if (draws.length > noises.length + 4 * outputs.length) {
        throw new Error(`${draws.length} noises: far more than the solver draws`);
      }
      // Beyond what is known the last one comes again.
      return vector(noises[Math.min(draws.length, noises.length) - 1]);
    },
  };
  const { model, noise } = script ? scripted : asked;
  model.restart = (x) =>
    local ? vector(runner.ask({ type: "restart", step: steps++, state: texts(x) }).state) : x;
  const state = texts(sample(run, model, vector(start), noise));
  return { type: "result", state, ...(script && { calls, draws }) };
}

function answerThreshold(threshold, { rule: { kind, ...numbers }, samples }) {
  const rule = { kind };
  for (const key in numbers) rule[key] = number(numbers[key]);
  return { type: "samples", samples: [...threshold(rule, samples.map(vector))].map(texts) };
}

function described(error) {
  const place = /at .*/.exec(error?.stack?.split("\n").find((line) => /^\s+at /.test(line)) ?? "");
  return `${error}${place ? ` (${place[0]})` : ""}`;
}

/** Reads or writes until the system is ready. */
function patiently(action) {
  for (;;) {
    try {
      return action();
    } catch (error) {
      if (error.code === "EOF") return 0;
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function vector(all) {
  return all.map(number);
}

function texts(numbers) {
  return Array.from(numbers, text);
}

/** A number from its text: hexadecimal, or as JavaScript reads it. */
function number(text) {
  const [, sign, whole, fraction = "", exponent] =
    /^(-?)0x([0-9a-f]+)\.?([0-9a-f]*)p([+-]?\d+)$/i.exec(text) ?? [];
  if (whole === undefined) return Number(text.replace("inf", "Infinity").replace("nan", "NaN"));
  const power = Number(exponent) - 4 * fraction.length;
  const half = Math.trunc(power / 2);
  // Two factors, since 2 ** power alone may lie beyond the format.
  const value = parseInt(whole + fraction, 16) * 2 ** half * 2 ** (power - half);
  return sign ? -value : value;
}

const view = new DataView(new ArrayBuffer(8));

/** The text of a number, hexadecimal: no digit is lost. */
function text(value) {
  if (typeof value !== "number") throw new TypeError(`${value} is no number`);
  if (Number.isNaN(value)) return "nan";
  view.setFloat64(0, value);
  const high = view.getUint32(0);
  const sign = high >>> 31 ? "-" : "";
  if (!Number.isFinite(value)) return `${sign}inf`;
  const biased = (high >>> 20) & 0x7ff;
  const digits = [high & 0xfffff, view.getUint32(4)].map((part, i) =>
    part.toString(16).padStart(i ? 8 : 5, "0"),
  );
  const lead = biased ? 1 : 0;
  const exponent = value === 0 ? 0 : (biased || 1) - 1023;
  return `${sign}0x${lead}.${digits.join("")}p${exponent}`;
}
