"""`pytest --sampler MODULE:FUNCTION`: one test for each case of `dpm-spec check` that applies.

The suite runs once, when tests are collected; a test only tells what became of its case. With
pytest-xdist it runs once, too, before the workers start.
"""

import pytest

# Pytest imports this file whenever it starts, so it imports what asks a sampler only if one is.


def pytest_addoption(parser):
    group = parser.getgroup("dpm-spec", "samplers of diffusion models (dpm-spec)")
    group.addoption(
        "--sampler",
        metavar="MODULE:FUNCTION",
        help="a sampler to ask; its module says what it computes: DPM_SPEC = "
        '{"solvers": ["dpmpp-2m"], "schedules": ["vp-linear"]}',
    )
    group.addoption(
        "--sampler-profile",
        choices=["quick", "core", "all"],
        default="quick",
        help="quick: every MUST in 3, 5 and 10 steps (the default); core: every MUST; all: every SHOULD too",
    )
    group.addoption(
        "--sampler-only",
        action="append",
        default=[],
        metavar="PATTERN",
        help="only the cases that a pattern matches: core/dpmpp-2m, core/*/rows/*:n=10; repeatable",
    )
    group.addoption(
        "--sampler-known-failing",
        metavar="FILE",
        help="cases that are known to fail: `PATTERN  # reason` a line",
    )
    group.addoption(
        "--sampler-timeout",
        metavar="SECONDS",
        default="10",
        help="seconds that the sampler may take to be imported, and for a run (default: 10)",
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "dpm_spec: a case of the suite that --sampler asks")
    if config.getoption("sampler"):
        config.pluginmanager.register(Suite(config), "dpm-spec-suite")


class Suite:
    """The cases of one sampler."""

    def __init__(self, config):
        self.config = config
        self.sampler = config.getoption("sampler")
        self.results = None

    def asked(self):
        """What became of the cases; asks the sampler the first time."""
        if self.results is None:
            from .check import Failed, ask

            try:
                self.results = ask(self.config)
            except Failed as reason:
                raise pytest.UsageError(f"--sampler {self.sampler}: {reason}") from None
        return self.results

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node):
        """Gives a worker of pytest-xdist what this process has found out."""
        node.workerinput["dpm_spec"] = self.asked()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session, config, items):
        """Before what is not chosen by `-k` and `-m` is left out."""
        given = getattr(config, "workerinput", {})
        self.results = given.get("dpm_spec", self.results)
        cases = self.asked()["cases"]
        name = self.sampler
        sampler = Sampler.from_parent(session, name=name, nodeid=name, cases=cases)
        # By way of a report, so that pytest counts them as collected.
        report = session.ihook.pytest_make_collect_report(collector=sampler)
        session.ihook.pytest_collectreport(report=report)
        items.extend(report.result)

    def pytest_terminal_summary(self, terminalreporter):
        if self.results:
            terminalreporter.section(f"dpm-spec, profile {self.config.getoption('sampler_profile')}")
            for line in self.results["summary"]:
                terminalreporter.line(line)


class Sampler(pytest.Collector):
    """Stands above the cases in the tree of tests."""

    def __init__(self, cases, **node):
        super().__init__(**node)
        self.cases = cases

    def collect(self):
        for name, outcome, text in self.cases:
            yield Case.from_parent(self, name=name, outcome=outcome, text=text)


class Case(pytest.Item):
    """What became of one case."""

    def __init__(self, outcome, text, **node):
        super().__init__(**node)
        self.outcome, self.text = outcome, text
        self.add_marker("dpm_spec")

    def runtest(self):
        if self.outcome == "xfail":
            pytest.xfail(self.text)
        if self.outcome == "skip":
            pytest.skip(self.text)
        if self.outcome == "warn":
            self.warn(pytest.PytestWarning(self.text))
        if self.outcome in ("fail", "xfail"):
            # Also what `--runxfail` does not expect to fail.
            pytest.fail(self.text, pytrace=False)

    def reportinfo(self):
        return self.config.rootpath / self.parent.name, 0, self.name
