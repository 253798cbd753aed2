"""What diffusers computes from a configuration, in exact numbers: grid, labels, orders, program.

Read from the sources of diffusers 0.42.1 (docs/findings/README.md lists the places). Tables of betas
are the library's float32 bits; everything after them is exact, and the library's rounding is what the probe measures.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import arb

import program as programs
import torch_bits
from schedules import ball

COMMON = {
    "num_train_timesteps": 1000, "beta_start": 0.0001, "beta_end": 0.02, "beta_schedule": "linear",
    "prediction_type": "epsilon", "timestep_spacing": "linspace", "steps_offset": 0,
    "rescale_betas_zero_snr": False, "thresholding": False,
}
SOLVER = {
    "solver_order": 2, "solver_type": "midpoint", "algorithm_type": "dpmsolver++", "lower_order_final": True,
    "euler_at_final": False, "final_sigmas_type": "zero", "use_karras_sigmas": False,
    "use_exponential_sigmas": False, "use_beta_sigmas": False, "use_lu_lambdas": False,
    "use_flow_sigmas": False, "flow_shift": 1.0, "lambda_min_clipped": -math.inf,
    "use_dynamic_shifting": False,
}
DEFAULTS = {
    "DPMSolverMultistepScheduler": {**COMMON, **SOLVER},
    "DPMSolverSinglestepScheduler": {**COMMON, **SOLVER, "lower_order_final": False},
    "DDIMScheduler": {**COMMON, "timestep_spacing": "leading", "set_alpha_to_one": True},
    "FlowMatchEulerDiscreteScheduler": {
        "num_train_timesteps": 1000, "shift": 1.0, "use_dynamic_shifting": False, "shift_terminal": None,
        "time_shift_type": "exponential", "use_karras_sigmas": False, "use_exponential_sigmas": False,
        "use_beta_sigmas": False, "invert_sigmas": False, "prediction_type": "flow",
    },
}
IGNORED_BY_SINGLESTEP = ("timestep_spacing", "steps_offset", "rescale_betas_zero_snr", "euler_at_final", "use_lu_lambdas")


class Refused(ValueError):
    """The library or this crate refuses the combination."""


def complete(config):
    """The configuration with the class's defaults filled in."""
    kind = config["_class_name"]
    full = {**DEFAULTS[kind], **config}
    if kind == "DPMSolverSinglestepScheduler":
        for key in IGNORED_BY_SINGLESTEP:
            full[key] = {**COMMON, **SOLVER}[key]
    return full


@dataclass
class Grid:
    """ratios sigma/alpha of all nodes (None is sigma = 0), labels of the evaluated ones."""

    ratios: list
    labels: list


def table(config, floor=True):
    betas = torch_bits.betas(
        config["beta_schedule"], config["num_train_timesteps"], config["beta_start"], config["beta_end"]
    )
    return torch_bits.cumulative(betas, config["rescale_betas_zero_snr"], floor)


def ratio(abar):
    return ((1 - ball(abar)) / ball(abar)).sqrt()


def spaced(config, bars, steps):
    """Integer timesteps of the multistep and single-step classes."""
    count = config["num_train_timesteps"]
    lambdas = [0.5 * math.log(float(bar) / (1 - float(bar))) for bar in bars]
    last = count - sum(lam < config["lambda_min_clipped"] for lam in lambdas)
    spacing = config["timestep_spacing"]
    if spacing == "linspace":
        return np.linspace(0, last - 1, steps + 1).round()[::-1][:-1].astype(np.int64)
    if spacing == "leading":
        return (np.arange(steps + 1) * (last // (steps + 1)))[::-1][:-1].astype(np.int64) + config["steps_offset"]
    return np.arange(last, 0, -count / steps).round().astype(np.int64) - 1


def label_of(rho, ratios_log):
    """The library's fractional index of a ratio: linear in its logarithm between the knots."""
    value = float(rho.log().mid())
    low = min(int(np.searchsorted(ratios_log, value, side="right")) - 1, len(ratios_log) - 2)
    low = max(low, 0)
    part = (value - ratios_log[low]) / (ratios_log[low + 1] - ratios_log[low])
    return low + min(max(part, 0.0), 1.0)


def vp_grid(config, steps):
    """Nodes of the two DPM-Solver classes without flow sigmas."""
    bars = table(config)
    first, last = ratio(bars[0]), ratio(bars[-1])
    ramp = [Fraction(i, max(steps - 1, 1)) for i in range(steps)]
    kind = next((k for k in ("karras_sigmas", "lu_lambdas", "exponential_sigmas", "beta_sigmas") if config[f"use_{k}"]), None)
    if kind is None:
        labels = [int(t) for t in spaced(config, bars, steps)]
        rhos = [ratio(bars[min(max(t, 0), len(bars) - 1)]) for t in labels]
    else:
        if kind == "karras_sigmas":
            low, high = first.root(7), last.root(7)
            rhos = [(high + ball(r) * (low - high)) ** 7 for r in ramp]
        elif kind == "beta_sigmas":
            from scipy.stats import beta
            shares = [float(beta.ppf(x, 0.6, 0.6)) for x in 1 - np.linspace(0, 1, steps)]
            rhos = [first + ball(Fraction(share)) * (last - first) for share in shares]
        else:
            low, high = first.log(), last.log()
            rhos = [(high + ball(r) * (low - high)).exp() for r in ramp]
        logs = np.array([0.5 * math.log((1 - float(bar)) / float(bar)) for bar in bars])
        rounds = config["_class_name"].startswith("DPMSolverSingle") and kind == "karras_sigmas"
        rounds |= kind in ("karras_sigmas", "lu_lambdas") and config["beta_schedule"] != "squaredcos_cap_v2"
        found = [label_of(rho, logs) for rho in rhos]
        labels = [round(t) if rounds else int(t) for t in found]
    end = None if config["final_sigmas_type"] == "zero" else first
    return Grid(rhos + [end], labels)


def flow_sigmas(config, steps, mu=None):
    """Flow sigmas of the two DPM-Solver classes, and labels."""
    count = config["num_train_timesteps"]
    shift = ball(Fraction(str(mu))).exp() if mu is not None else ball(Fraction(str(config["flow_shift"])))
    plain = [Fraction(i, steps) * (1 - Fraction(1, count)) for i in range(steps, 0, -1)]
    sigmas = [shift * ball(s) / (1 + (shift - 1) * ball(s)) for s in plain]
    return sigmas, [int(float((s * count).mid())) for s in sigmas]


def orders_multistep(config, steps):
    orders = []
    for i in range(steps):
        lowering = config["lower_order_final"] and steps < 15
        final = i == steps - 1 and (config["euler_at_final"] or lowering or config["final_sigmas_type"] == "zero")
        order = min(config["solver_order"], i + 1)
        if final:
            order = 1
        elif i == steps - 2 and lowering:
            order = min(order, 2)
        orders.append(order)
    return orders


def orders_singlestep(config, steps):
    order, final = config["solver_order"], config["final_sigmas_type"]
    lowering = config["lower_order_final"] or steps % order != 0 or final == "zero"
    blocks, rest = divmod(steps, order)
    pattern = list(range(1, order + 1))
    if not lowering:
        orders = pattern * blocks
    elif rest == 0 and order > 1:
        orders = pattern * (blocks - 1) + pattern[:-1] + [1]
    else:
        orders = pattern * blocks + pattern[:rest]
    if final == "zero":
        orders[-1] = 1
    return orders


FORMS = {"dpmsolver++": ("data", 0), "dpmsolver": ("noise", 0), "sde-dpmsolver++": ("data", 1), "sde-dpmsolver": ("noise", 1)}
PREDICTIONS = {"epsilon": "noise", "sample": "data", "v_prediction": "v", "flow_prediction": "flow"}


def nodes_of(config, steps, mu=None):
    """All nodes; labels on the evaluated ones."""
    special = any(config[f"use_{kind}"] for kind in ("karras_sigmas", "lu_lambdas", "exponential_sigmas", "beta_sigmas"))
    if special and config["final_sigmas_type"] == "sigma_min" and steps > 1:
        raise Refused("the grid ends at sigma_min and sigma_min is appended: the last step has h = 0")
    if config["use_flow_sigmas"]:
        sigmas, labels = flow_sigmas(config, steps, mu)
        end = arb(0) if config["final_sigmas_type"] == "zero" else ratio(table(config)[0])
        nodes = [programs.Node(1 - s, s) for s in sigmas + [end]]
    else:
        grid = vp_grid(config, steps)
        labels, nodes = grid.labels, []
        for rho in grid.ratios:
            alpha = arb(1) if rho is None else 1 / (1 + rho * rho).sqrt()
            nodes.append(programs.Node(alpha, arb(0) if rho is None else rho * alpha))
    for node, label in zip(nodes, labels):
        node.label = label
    return nodes


def solver_program(config, steps, mu=None):
    """The program of DPMSolverMultistep or DPMSolverSinglestep."""
    side, eta = FORMS[config["algorithm_type"]]
    prediction = PREDICTIONS[config["prediction_type"]]
    nodes = nodes_of(config, steps, mu)
    made = programs.Program(programs.Form(side, arb(eta)), nodes)
    heun = config["solver_type"] == "heun"
    single = config["_class_name"] == "DPMSolverSinglestepScheduler"
    orders = (orders_singlestep if single else orders_multistep)(config, len(nodes) - 1)
    state, base = 0, 0
    for i, order in enumerate(orders):
        made.evaluate(i, state, programs.convert(prediction, side, nodes[i]))
        if single:
            base = state if order == 1 else base
            state = progressive(made, base, i, order, heun)
        else:
            name = {1: "1", 2: "2m-exact" if heun else "2m", 3: "3m"}[order]
            path = [nodes[i + 1 - k] for k in range(order + 1)]
            state = programs.multistep(name, made, state, [i - k for k in range(order)], path)
    return made


def progressive(made, base, i, order, heun):
    """A single-step block's step from its base node over all outputs seen since."""
    nodes = made.nodes
    start, target = nodes[i - order + 1], nodes[i + 1]
    h = programs.step_size(start, target)
    inner = [] if h is None else [programs.step_size(start, nodes[i - order + 1 + k]) / h for k in range(1, order)]

    def plain(c, h):
        if order == 1:
            return programs.weights.multistep("1", c, h, [])
        suffix = "-taylor" if heun else ""
        if order == 2:
            return programs.weights.two_stage("2s" + suffix, c, h, *inner)
        return programs.weights.three_stage("3s" + suffix, c, h, *inner)

    carry, coefficients, noise = made.form.transfer(start, target, plain)
    return made.combine(base, carry, range(i - order + 1, i + 1), coefficients, noise)


def ddim_program(config, steps):
    """DDIMScheduler: nodes come in pairs, where each step starts and where it ends."""
    count = config["num_train_timesteps"]
    bars = table(config, floor=False)
    spacing = config["timestep_spacing"]
    if spacing == "linspace":
        times = np.linspace(0, count - 1, steps).round()[::-1].astype(np.int64)
    elif spacing == "leading":
        times = (np.arange(steps) * (count // steps))[::-1].astype(np.int64) + config["steps_offset"]
    else:
        times = np.round(np.arange(count, 0, -count / steps)).astype(np.int64) - 1
    last = Fraction(1) if config["set_alpha_to_one"] else bars[0]
    made = programs.Program(programs.Form("data", arb(0)), [])
    state = 0
    for i, t in enumerate(int(t) for t in times):
        back = t - count // steps
        pair = []
        for bar in (bars[t], bars[back] if back >= 0 else last):
            pair.append(programs.Node(ball(bar).sqrt(), (1 - ball(bar)).sqrt()))
        pair[0].label = t
        made.nodes.append(pair[0])
        made.evaluate(i, state, programs.convert(PREDICTIONS[config["prediction_type"]], "data", pair[0]))
        state = programs.multistep("1", made, state, [i], pair[::-1])
    made.nodes.append(pair[1])
    return made


def euler_program(config, steps, mu=None):
    """FlowMatchEulerDiscreteScheduler.set_timesteps(N) and its Euler step."""
    count = config["num_train_timesteps"]
    shift = ball(Fraction(str(config["shift"])))

    def shifted(s):
        return shift * s / (1 + (shift - 1) * s)

    dynamic = config["use_dynamic_shifting"]
    if dynamic and mu is None:
        raise Refused("mu")
    low = ball(Fraction(1, count)) if dynamic else shifted(ball(Fraction(1, count)))
    sigmas = [1 + ball(Fraction(i, max(steps - 1, 1))) * (low - 1) for i in range(steps)]
    if dynamic:
        factor = ball(Fraction(str(mu))).exp() if config["time_shift_type"] == "exponential" else ball(Fraction(str(mu)))
        sigmas = [factor / (factor + (1 / s - 1)) for s in sigmas]
    else:
        sigmas = [shifted(s) for s in sigmas]
    if config["shift_terminal"]:
        if steps == 1:
            raise Refused("shift_terminal with one step is 0/0")
        stretch = (1 - sigmas[-1]) / (1 - ball(Fraction(str(config["shift_terminal"]))))
        sigmas = [1 - (1 - s) / stretch for s in sigmas]
    if config["use_karras_sigmas"] or config["use_exponential_sigmas"] or config["use_beta_sigmas"]:
        raise Refused("sigmas of another kind")
    made = programs.Program(programs.Form("data", arb(0)), [programs.Node(1 - s, s) for s in sigmas + [arb(0)]])
    state = 0
    for i, (source, target) in enumerate(zip(made.nodes, made.nodes[1:])):
        source.label = source.sigma * count
        made.evaluate(i, state, programs.convert("flow", "data", source))
        carry = target.sigma / source.sigma
        state = made.combine(state, carry, [i], [target.alpha - carry * source.alpha])
    return made


def predict(config, steps, mu=None):
    """The program that the library's class runs for a configuration, in Arb balls."""
    full = complete(config)
    kind = full["_class_name"]
    if kind == "DDIMScheduler":
        return ddim_program(full, steps)
    if kind == "FlowMatchEulerDiscreteScheduler":
        return euler_program(full, steps, mu)
    return solver_program(full, steps, mu)
