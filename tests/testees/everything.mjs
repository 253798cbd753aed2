/* Does a little of everything that the module offers; what, the solver's id says. */

import { Refused, serve } from "../../testees/javascript/dpm_spec_testee.mjs";

function sample(run, model, x, noise) {
  console.log("this goes to standard error");
  if (run.solver === "dpmpp-2m") throw new Refused('no "second" order');
  if (run.solver === "dpmpp-3m") throw new RangeError("no third order");
  while (run.solver === "dpm-2m") model(0.5, x);
  for (const t of run.times.slice(0, -1)) {
    x = model.restart(x);
    const m = model(t, x);
    const z = noise();
    x = Float64Array.from(x, (a, i) => a + m[i] + 2 * z[i] + run.eta);
  }
  return x;
}

serve({
  sample,
  name: "everything",
  version: "1.5",
  time: "lambda",
  spaces: ["vp", "ve"],
  solvers: ["ddim", "dpmpp-2m", "dpmpp-3m", "dpm-2m"],
  schedules: ["vp-linear"],
  predictions: ["v"],
  policies: ["final=lower"],
  grids: ["time"],
  nodes: (schedule, grid, steps) => Array.from({ length: steps + 1 }, (_, i) => 1 - i / steps),
  threshold: (rule, samples) =>
    rule.kind === "dynamic"
      ? samples.map((x) => [rule.ratio, rule.max, ...x.slice(2)])
      : samples.map((x) => x.map((a) => Math.min(a, rule.bound))),
  local: true,
});
