"""Finds a sampler, and what its module declares of it.

A sampler is a function `sample(case, model, x, noise)`, see `dpm_spec_testee`. Its module holds

    DPM_SPEC = {"solvers": ["dpmpp-2m"], "schedules": ["vp-linear"]}

with the arguments of `dpm_spec_testee.serve`. Where a module has several samplers, each can have
such a dict of its own as its attribute `dpm_spec`.
"""

import importlib
import inspect
import os
import traceback

import dpm_spec_testee

# The lists that cannot be left out.
LISTS = ("solvers", "schedules")
EXAMPLE = '{"solvers": ["dpmpp-2m"], "schedules": ["vp-linear"]}'


class Unusable(Exception):
    """No sampler can be asked; says why in one line."""


def load(address):
    """The sampler at MODULE:FUNCTION, and the arguments of `serve`."""
    module_name, colon, path = address.partition(":")
    if not (colon and module_name and path):
        raise Unusable("not MODULE:FUNCTION, such as my_sampler:sample")
    if module_name.endswith(".py") or os.sep in module_name:
        raise Unusable("the name of a module is wanted, as `import` takes it, not of a file")
    module = _imported(module_name)
    sample = module
    for name in path.split("."):
        if not hasattr(sample, name):
            raise Unusable(f"{module_name} has no `{path}`; {_functions(module)}")
        sample = getattr(sample, name)
    if not callable(sample):
        raise Unusable(f"`{path}` is a {type(sample).__name__}, not a function")
    declared = getattr(sample, "dpm_spec", getattr(module, "DPM_SPEC", None))
    if declared is None:
        raise Unusable(f"nothing says what it computes: add DPM_SPEC = {EXAMPLE} to {module_name}")
    return sample, _checked(declared, address)


def _imported(name):
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            place = f"in {os.getcwd()} or on Python's path"
            raise Unusable(f"no module `{error.name}` {place}") from None
        raise Unusable(_told(error)) from None
    except SystemExit:
        # Most often a call of `serve` that stands outside of `if __name__ == "__main__"`.
        advice = 'put what it runs under `if __name__ == "__main__":`'
        raise Unusable(f"{name} exits while it is imported; {advice}") from None
    except Exception as error:
        raise Unusable(_told(error)) from None


def _told(error):
    """An error of an import in one line, with the line that it comes from."""
    what = " ".join(traceback.format_exception_only(type(error), error)[-1].split())
    if isinstance(error, SyntaxError):
        file, line = error.filename or "", error.lineno
    else:
        # Python's own import stands between this file and the module's, and behind it for a missing one.
        frames = traceback.extract_tb(error.__traceback__)
        own = [it for it in frames if it.filename != __file__ and "importlib" not in it.filename]
        file, line = (own[-1].filename, own[-1].lineno) if own else ("", None)
    place = f" ({os.path.basename(file)}, line {line})" if file else ""
    return f"its import fails: {what}{place}"


def _functions(module):
    found = [name for name, it in vars(module).items() if inspect.isfunction(it)]
    return f"its functions: {', '.join(sorted(found)) or 'none'}"


def _checked(declared, address):
    """The arguments of `serve`, of which `name` may be left out."""
    if not isinstance(declared, dict):
        raise Unusable(f"what it declares is a {type(declared).__name__}, not a dict: {EXAMPLE}")
    taken = dict(inspect.signature(dpm_spec_testee.serve).parameters)
    del taken["sample"]
    for name, value in declared.items():
        if name not in taken:
            raise Unusable(f"declares `{name}`, which is none of {', '.join(taken)}")
        wanted, fits = _wanted(name, taken[name].default)
        if not fits(value):
            raise Unusable(f"declares `{name}` as {value!r:.60}, not as {wanted}")
    for name in LISTS:
        if not declared.get(name):
            raise Unusable(f"declares no {name}; `dpm-spec list {name}` has them")
    return {"name": address, **declared}


def _wanted(name, default):
    """What an argument of `serve` takes, in words and as a test."""
    if name in LISTS or isinstance(default, tuple):
        return "a list of texts", _is_list_of_texts
    if isinstance(default, bool):
        return "True or False", lambda value: isinstance(value, bool)
    if default is None:
        return "a function", lambda value: value is None or callable(value)
    return "a text", lambda value: isinstance(value, str)


def _is_list_of_texts(value):
    return isinstance(value, (list, tuple)) and all(isinstance(it, str) for it in value)
