"""Runs the route tests and prints one line a test and one closing line."""

import glob
import importlib
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


class Report(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.passed = 0

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()

    def line(self, word, test):
        name = test.id().replace("_", " ") if hasattr(test, "id") else str(test)
        print(f"  {word:6} {name}  {time.monotonic() - self.started:.1f} s", flush=True)

    def addSuccess(self, test):
        self.passed += 1
        self.line("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.line("FAILED", test)
        print(self.failures[-1][1], flush=True)

    def addError(self, test, err):
        super().addError(test, err)
        self.started = getattr(self, "started", time.monotonic())
        self.line("FAILED", test)
        print(self.errors[-1][1], flush=True)


def main():
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    loader = unittest.TestLoader()
    suite = unittest.TestSuite()
    for path in sorted(glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "test_*.py"))):
        module = importlib.import_module(os.path.basename(path)[:-3])
        for case in loader.loadTestsFromModule(module):
            for test in case:
                if word in test.id():
                    suite.addTest(test)
    report = Report()
    suite.run(report)
    bad = len(report.failures) + len(report.errors)
    print(f"route tests: {report.passed} passed, {bad} failed")
    return 1 if bad or not report.passed else 0


if __name__ == "__main__":
    sys.exit(main())
