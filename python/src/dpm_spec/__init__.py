"""Asks samplers of diffusion models what they compute; brings the command `dpm-spec`.

`pytest --sampler MODULE:FUNCTION` gives one test a case, `python -m dpm_spec MODULE:FUNCTION` is a
testee for `dpm-spec check`. What a module declares of its samplers: `dpm_spec.declaration`.
"""
