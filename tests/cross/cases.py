"""What is probed: the configurations of tests/data, and options in pairs (or triples) on three schedules of betas."""

import itertools
import json
import random
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
STEPS = [*range(1, 21), 30, 50]
FLUX_MU = 1.15  # 1024 x 1024: 4096 tokens

OPTIONS = {
    "_class_name": ["DPMSolverMultistepScheduler", "DPMSolverSinglestepScheduler"],
    "betas": ["linear", "scaled_linear", "squaredcos_cap_v2"],
    "algorithm_type": ["dpmsolver++", "dpmsolver", "sde-dpmsolver++", "sde-dpmsolver"],
    "solver_order": [1, 2, 3],
    "solver_type": ["midpoint", "heun"],
    "prediction_type": ["epsilon", "sample", "v_prediction", "flow_prediction"],
    "timestep_spacing": ["linspace", "leading", "trailing"],
    "sigmas": ["plain", "karras_sigmas", "exponential_sigmas", "beta_sigmas", "lu_lambdas", "flow_sigmas"],
    "final_sigmas_type": ["zero", "sigma_min"],
    "lower_order_final": [True, False],
    "euler_at_final": [False, True],
    "rescale_betas_zero_snr": [False, True],
}
BETAS = {
    "linear": {"beta_schedule": "linear", "beta_start": 0.0001, "beta_end": 0.02},
    "scaled_linear": {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "steps_offset": 1},
    "squaredcos_cap_v2": {"beta_schedule": "squaredcos_cap_v2"},
}


def real():
    """(name, configuration, mu) of every file in tests/data."""
    for path in sorted(DATA.glob("*.json")):
        config = json.loads(path.read_text())
        yield path.stem, config, FLUX_MU if config.get("use_dynamic_shifting") else None


def meaningful(choice):
    """False for what the library's documentation or constructor rules out, or what a class doesn't have."""
    noise = choice["algorithm_type"] in ("dpmsolver", "sde-dpmsolver")
    flow = choice["sigmas"] == "flow_sigmas"
    if noise and choice["final_sigmas_type"] == "zero":
        return False
    if flow != (choice["prediction_type"] == "flow_prediction"):
        return False
    if flow and (noise or choice["final_sigmas_type"] == "sigma_min" or choice["rescale_betas_zero_snr"]):
        return False
    if choice["sigmas"] != "plain" and choice["timestep_spacing"] != "linspace":
        return False
    if choice["_class_name"] == "DPMSolverSinglestepScheduler":
        absent = choice["timestep_spacing"] != "linspace" or choice["euler_at_final"] or choice["rescale_betas_zero_snr"]
        return not (absent or choice["sigmas"] == "lu_lambdas" or choice["algorithm_type"] == "sde-dpmsolver")
    return True


def combinations_of(choice, strength):
    return set(itertools.combinations(sorted((key, str(value)) for key, value in choice.items()), strength))


def covering(strength):
    """Choices such that every pair (strength 2) of option values that can occur together does; deterministic."""
    draw = random.Random(20260101)
    candidates = []
    while len(candidates) < 6000:
        choice = {key: draw.choice(values) for key, values in OPTIONS.items()}
        if meaningful(choice):
            candidates.append((choice, combinations_of(choice, strength)))
    missing = set().union(*(pairs for _, pairs in candidates))
    chosen = []
    while missing:
        choice, pairs = max(candidates, key=lambda candidate: len(candidate[1] & missing))
        chosen.append(choice)
        missing -= pairs
    return chosen


def configuration(choice):
    """A scheduler_config.json of a choice."""
    config = {key: value for key, value in choice.items() if key not in ("betas", "sigmas")}
    config.update(BETAS[choice["betas"]])
    if choice["sigmas"] != "plain":
        config[f"use_{choice['sigmas']}"] = True
    if choice["sigmas"] == "flow_sigmas":
        config["flow_shift"] = 3.0
    return config


def options(strength):
    """(name, configuration, mu) of the covering choices."""
    for number, choice in enumerate(covering(strength)):
        yield f"options-{number:03}", configuration(choice), None
