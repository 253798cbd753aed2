"""What `pytest --sampler` promises; `tests/python/run` runs it in a clean virtual environment."""

import os
from importlib import metadata
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "python/example/my_sampler.py").read_text()
PAGE = (ROOT / "python/README.md").read_text()
# Right only where all steps are equally long.
WRONG = EXAMPLE.replace("h / (2 * h_older)", "0.5")
ROWS = "core/dpmpp-2m/rows/vp-linear:n=10:grid=time"
FIVE = "core/dpmpp-2m/rows/vp-linear:n=5:grid=time"


@pytest.fixture
def asked(pytester):
    """Writes modules and asks `my_sampler:sample`, or what is named, in a process of its own."""

    def ask(*options, sampler="my_sampler:sample", **modules):
        for name, source in modules.items():
            pytester.makepyfile(**{name: source})
        return pytester.runpytest_subprocess("--sampler", sampler, *options)

    return ask


def refused(result, *parts):
    """That pytest has ended with one line that says why, and no traceback."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    errors = [line for line in result.stderr.lines if line.startswith("ERROR: ")]
    assert len(errors) == 1, result.stderr.str()
    for part in parts:
        assert part in errors[0]
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


def test_the_wheel_carries_the_one_module_of_testees():
    module = metadata.distribution("dpm-spec").locate_file("dpm_spec_testee.py")
    assert Path(module).read_bytes() == (ROOT / "testees/python/dpm_spec_testee.py").read_bytes()


def test_the_wheel_has_the_version_of_the_crate():
    assert f'\nversion = "{metadata.version("dpm-spec")}"\n' in (ROOT / "Cargo.toml").read_text()


def test_a_sampler_of_20_lines_passes(asked):
    assert len(EXAMPLE.splitlines()) == 20
    result = asked("-v", my_sampler=EXAMPLE)
    assert result.ret == 0
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] > 50 and set(outcomes) == {"passed"}
    result.stdout.fnmatch_lines(
        [
            f"*collected {outcomes['passed']} items",
            f"my_sampler:sample::{ROWS} PASSED*",
            "my_sampler:sample, edition *: * 0 deviates, 0 fails, *",
        ]
    )


def test_a_wrong_sampler_is_told_where_and_what(asked):
    result = asked(my_sampler=WRONG)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert {"passed", "failed"} == set(result.parseoutcomes())
    result.stdout.fnmatch_lines(
        [
            f"* {ROWS} *",
            "deviates: the result, coefficient of output 9: *; equals * with equal steps assumed *",
            f"dpm-spec check --profile quick --only {ROWS} -- * -m dpm_spec my_sampler:sample",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_a_sampler_that_prints_passes(asked):
    noise = """
import os, subprocess, sys
def noise_on_standard_output():
    print("print")
    sys.stdout.write("write")
    os.write(1, b"descriptor\\n")
    subprocess.run(["echo", "child"])
noise_on_standard_output()
"""
    printing = EXAMPLE.replace("    before = None", "    noise_on_standard_output()\n    before = None")
    result = asked("--sampler-only", "core/dpmpp-2m/rows", my_sampler=printing + noise)
    assert set(result.parseoutcomes()) == {"passed"}


def test_an_exception_fails_the_case_with_its_place(asked):
    result = asked("--sampler-only", ROWS, my_sampler=EXAMPLE.replace("return x", "return y"))
    result.assert_outcomes(failed=1)
    told = "fails: NameError: name 'y' is not defined (my_sampler.py, line 20, sample)*"
    result.stdout.fnmatch_lines([told])


def test_what_a_sampler_refuses_is_skipped_with_its_reason(asked):
    refusing = EXAMPLE.replace(
        "    before = None", "    import dpm_spec_testee\n    raise dpm_spec_testee.Refused('not yet')"
    )
    result = asked("-rs", "--sampler-only", ROWS, my_sampler=refusing)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED * not yet"])


def test_lost_digits_are_a_warning(asked):
    imprecise = EXAMPLE.replace("sqrt(-expm1(2 * log_alpha))", "sqrt(1 - exp(log_alpha) ** 2)")
    result = asked(my_sampler=imprecise)
    assert set(result.parseoutcomes()) == {"passed", "warnings"}
    result.stdout.fnmatch_lines(["*PytestWarning: core/dpmpp-2m/*: imprecise: *"])


def test_known_failures_are_expected_and_the_list_cannot_go_stale(asked, pytester):
    pytester.makefile(".txt", known=f"{ROWS}  # issue 12\ncore/dpmpp-2m/calls  # long mended\n")
    only = ["--sampler-only", ROWS, "--sampler-only", ROWS.replace("rows", "calls")]
    result = asked("-rx", "--sampler-known-failing", "known.txt", *only, my_sampler=WRONG)
    # The second failure is the entry itself.
    result.assert_outcomes(xfailed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "exact, though known to fail: the list says: long mended",
            "E-KNOWN: core/dpmpp-2m/calls/* is expected to fail and passes (at known.txt, line 2); *",
            f"XFAIL my_sampler:sample::{ROWS}*",
        ]
    )
    result.stdout.fnmatch_lines(["*known to fail: issue 12*"])


def test_cases_are_chosen_with_k_and_m(asked, pytester):
    pytester.makepyfile(test_other="def test_other(): pass")
    few = asked("-k", "dpmpp-2m/calls", my_sampler=EXAMPLE).parseoutcomes()
    assert 0 < few["passed"] < few["deselected"]
    everything = asked(my_sampler=EXAMPLE).parseoutcomes()
    marked = asked("-m", "dpm_spec", my_sampler=EXAMPLE).parseoutcomes()
    assert marked == {"passed": everything["passed"] - 1, "deselected": 1}


def test_what_failed_last_is_asked_again_alone(asked):
    first = asked(my_sampler=WRONG).parseoutcomes()
    again = asked("--last-failed", my_sampler=WRONG).parseoutcomes()
    assert again["failed"] == first["failed"] and "passed" not in again


def test_profiles_differ(asked):
    only = ["--sampler-only", "core/dpmpp-2m/rows"]
    quick = asked(*only, my_sampler=EXAMPLE).parseoutcomes()["passed"]
    core = asked(*only, "--sampler-profile", "core", my_sampler=EXAMPLE).parseoutcomes()["passed"]
    assert quick < core


def test_workers_of_xdist_share_one_run(asked):
    counting = EXAMPLE + "\nopen('imports', 'a').write('x')\n"
    result = asked("-n", "2", my_sampler=counting)
    assert set(result.parseoutcomes()) == {"passed"}
    alone = asked(my_sampler=counting)
    assert result.parseoutcomes() == alone.parseoutcomes()
    # Each of the runner's jobs imports the module, in the two runs together.
    assert len(Path("imports").read_text()) <= 2 * (os.cpu_count() or 1)


def test_each_function_can_have_its_own_declaration(asked):
    two = EXAMPLE + "\nsample.dpm_spec = {**DPM_SPEC, 'solvers': ['ddim']}\n"
    result = asked("--sampler-only", ROWS.replace("dpmpp-2m", "ddim"), my_sampler=two)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["deviates: *; equals dpmpp-2m within *"])


def test_a_module_is_found_from_the_root_and_where_pytest_looks(asked, pytester):
    pytester.makeini("[pytest]\npythonpath = src")
    pytester.makepyfile(root_sampler=EXAMPLE, **{"src/inner_sampler": EXAMPLE})
    below = pytester.mkdir("below")
    for sampler in ("root_sampler:sample", "inner_sampler:sample"):
        os.chdir(below)
        result = asked("--sampler-only", ROWS, sampler=sampler)
        result.assert_outcomes(passed=1)


def test_without_a_sampler_the_plugin_does_nothing(pytester):
    pytester.makepyfile(test_other="def test_other(): pass")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*edition*")


UNDECLARED = EXAMPLE.replace("DPM_SPEC = ", "DPM = ")
SERVING = """
import dpm_spec_testee
dpm_spec_testee.serve(None, name="mine", solvers=["ddim"], schedules=["vp-linear"])
"""


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import nil", "its import fails: ModuleNotFoundError: No module named 'nil' (my_sampler.py, "),
        ("x = )", "its import fails: SyntaxError: unmatched ')' (my_sampler.py, line 1)"),
        ("x = 1\n1 / 0", "its import fails: ZeroDivisionError: division by zero (my_sampler.py, line 2)"),
        (SERVING, "my_sampler exits while it is imported; put what it runs under `if __name__"),
        (UNDECLARED, "nothing says what it computes: add DPM_SPEC = {"),
        (UNDECLARED + "DPM_SPEC = ['ddim']", "what it declares is a list, not a dict: {"),
        (UNDECLARED + "DPM_SPEC = {'solvers': ['ddim']}", "declares no schedules; `dpm-spec list schedules`"),
        (EXAMPLE.replace("solvers", "solver"), "declares `solver`, which is none of name, solvers,"),
        (EXAMPLE.replace('["dpmpp-2m"]', '"ddim"'), "declares `solvers` as 'ddim', not as a list of texts"),
        (EXAMPLE.replace('"dpmpp-2m"', '"dpmp-2m"'), "unknown solver `dpmp-2m`; did you mean `dpmpp-2m`?"),
    ],
)
def test_a_module_that_cannot_be_asked_is_a_usage_error(asked, source, why):
    refused(asked(my_sampler=source), "--sampler my_sampler:sample: ", why)


@pytest.mark.parametrize(
    ("sampler", "why"),
    [
        ("nothere:sample", "no module `nothere` in "),
        ("my_sampler:sampel", "my_sampler has no `sampel`; its functions: level, sample"),
        ("my_sampler:DPM_SPEC", "`DPM_SPEC` is a dict, not a function"),
        ("my_sampler", "not MODULE:FUNCTION, such as my_sampler:sample"),
        ("my_sampler.py:sample", "the name of a module is wanted, as `import` takes it, not of a file"),
    ],
)
def test_a_sampler_that_is_not_there_is_a_usage_error(asked, sampler, why):
    refused(asked(sampler=sampler, my_sampler=EXAMPLE), f"--sampler {sampler}: {why}")


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--sampler-only", "cora"], ["E-PARAMETER", "did you mean `core`?"]),
        (["--sampler-only", "core/ddim"], ["E-DECLARATION", "no chosen case"]),
        (["--sampler-known-failing", "nothere.txt"], ["nothere.txt"]),
        (["--sampler-timeout", "soon"], ["soon"]),
        (["-n", "2", "--sampler-only", "cora"], ["E-PARAMETER"]),
    ],
)
def test_options_that_cannot_be_are_a_usage_error(asked, options, parts):
    refused(asked(*options, my_sampler=EXAMPLE), *parts)


def test_the_page_shows_the_sampler_and_what_is_seen(asked):
    assert f"```python\n{EXAMPLE}```\n" in PAGE
    counts = [line for line in asked(my_sampler=EXAMPLE).stdout.lines if ", edition " in line]
    # How many cases there are for other samplers is left out.
    assert counts[0].rpartition(", ")[0].rpartition(", ")[0] in PAGE
    told = asked("--sampler-only", FIVE, sampler="wrong:sample", wrong=WRONG).stdout.lines
    assert [line for line in told if line.startswith("deviates: ")][0] in PAGE
