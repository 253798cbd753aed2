/* DPM-Solver++(2M) (Lu et al. 2022, Algorithm 2) and DDIM, its first order, in double precision. */

import { Refused, serve } from "./dpm_spec_testee.mjs";

/** (sigma/alpha)^2 at the indices of `discrete-linear`, summed without cancellation. */
const TABLE = [];
for (let i = 0, signal = 1, noise = 0; i < 1000; i++) {
  const beta = 0.0001 + ((0.02 - 0.0001) * i) / 999;
  noise += signal * beta;
  signal *= 1 - beta;
  TABLE.push(noise / signal);
}

/** alpha, sigma and lambda at a time; a time of `discrete-linear` is an index. */
function level(schedule, t) {
  if (schedule === "discrete-linear" && !Number.isInteger(t)) {
    throw new Refused("times between two indices");
  }
  const tau =
    schedule === "discrete-linear" ? TABLE[t] : Math.expm1((0.5 * (20 - 0.1) * t + 0.1) * t);
  return {
    alpha: 1 / Math.sqrt(1 + tau),
    sigma: Math.sqrt(tau / (1 + tau)),
    lambda: -0.5 * Math.log(tau),
  };
}

function sample(run, model, x, noise) {
  let before;
  for (let i = 0; i < run.steps; i++) {
    const from = level(run.schedule, run.times[i]);
    const to = level(run.schedule, run.times[i + 1]);
    const h = to.lambda - from.lambda;
    x = model.restart(x);
    const m = model(run.times[i], x);
    const older = before;
    const d = older ? m.map((a, j) => a + ((a - older.m[j]) * h) / (2 * older.h)) : m;
    x = x.map((a, j) => (to.sigma / from.sigma) * a - to.alpha * Math.expm1(-h) * d[j]);
    before = run.solver === "dpmpp-2m" ? { m, h } : undefined;
  }
  return x;
}

serve({
  sample,
  name: "example",
  version: "1",
  solvers: ["ddim", "dpmpp-2m"],
  schedules: ["vp-linear", "discrete-linear"],
  local: true,
});
