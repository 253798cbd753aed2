"""What the testees of real libraries share: the library itself, or why it is not there, and vectors as tensors."""

import importlib
import inspect
import os
import re
import sys
from contextlib import contextmanager
from functools import cache
from importlib import metadata

import dpm_spec_testee
from dpm_spec_testee import Refused


class Missing:
    """Stands for a library that cannot be asked; whatever is wanted of it is skipped with the reason."""

    def __init__(self, reason):
        self._reason = reason

    def refuse(self):
        raise Refused(self._reason)

    def __getattr__(self, name):
        self.refuse()


@cache
def version(package):
    """The installed version, or nothing."""
    if not package:
        return ""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def library(package, module, at_least, below):
    """A module of an installed package whose version is in [at_least, below)."""
    wanted = f"{package} >= {at_least}, < {below} is needed"
    found = version(package)
    if not found:
        return Missing(f"{wanted}; it is not installed")
    if not _parts(at_least) <= _parts(found) < _parts(below):
        return Missing(f"{wanted}; {found} is installed")
    try:
        with quiet():
            return importlib.import_module(module)
    except Exception as error:
        return Missing(f"{wanted}; {found} is installed and cannot be imported: {type(error).__name__}: {error}")


def file(path, what):
    """A module from a path or checkout that the user names."""
    if not path or not os.path.isfile(path):
        return Missing(f"{what} is no package: name its path{f'; {path} is no file' if path else ''}")
    spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], path)
    module = importlib.util.module_from_spec(spec)
    try:
        with quiet():
            spec.loader.exec_module(module)
    except Exception as error:
        return Missing(f"{path} cannot be imported: {type(error).__name__}: {error}")
    return module


@contextmanager
def quiet():
    """What is printed goes to standard error, from C too."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def torch_in(element):
    """PyTorch with this format as the default, on one thread and without gradients."""
    try:
        with quiet():
            import torch
    except Exception as error:
        return Missing(f"PyTorch is needed: {type(error).__name__}: {error}")
    torch.set_num_threads(1)
    torch.inference_mode().__enter__()
    torch.set_default_dtype({"f64": torch.float64, "f32": torch.float32}[element])
    return torch


@cache
def takes(function):
    """The names of its parameters."""
    return frozenset(inspect.signature(function).parameters)


def batch(torch, values):
    """A vector as a batch of one."""
    return torch.as_tensor(values).to(torch.get_default_dtype())[None]


def needs(condition, reason):
    """Skips the case unless the library can do it."""
    if not condition:
        raise Refused(reason)


def serve(sample, *, library, package, **declared):
    """Serves the sampler; if the library is not there, every case is skipped with the reason."""
    if isinstance(library, Missing):
        sample = declared["nodes"] = declared["threshold"] = lambda *_: library.refuse()
    dpm_spec_testee.serve(sample, version=declared.pop("version", None) or version(package) or ("not there" if isinstance(library, Missing) else "version not said"), **declared)


def _parts(text):
    return [int(part) for part in re.findall(r"\d+", text.split("+")[0])]
