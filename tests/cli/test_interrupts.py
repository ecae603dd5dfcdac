"""Ctrl+C is heard, whatever it comes in the middle of."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

BEGIN = """
import signal, sys, time, weakref
from lab.cli import interrupts
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job's is ignored
class Thing:
    pass
class Dying:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)
def importing(name):
    class Finder:
        def find_spec(self, wanted, *_):
            if wanted == name:
                signal.raise_signal(signal.SIGINT)
    sys.modules.pop(name, None)
    sys.meta_path.insert(0, Finder())
def callback(reference):
    signal.raise_signal(signal.SIGINT)
try:
    with interrupts.heard():
"""
END = """
    print("not heard")
except KeyboardInterrupt:
    print("heard")
"""
MOMENTS = {
    "at any other moment": "signal.raise_signal(signal.SIGINT)",
    "in a destructor": "Dying(); time.sleep(20)",
    "in a destructor, with a lock waited for": "Dying(); __import__('threading').Event().wait(20)",
    "in the callback of a weak reference": "t = Thing(); r = weakref.ref(t, callback); del t\n"
    "        for _ in range(400): time.sleep(0.05)",
    "in an import that a module in C makes": "importing('pyexpat'); import xml.etree.ElementTree"
    "\n        time.sleep(20)",
    "right before the main thread waits": "import os, threading\n"
    "        def press(): signal.pthread_kill(threading.get_ident(), signal.SIGINT)\n"
    "        threading.Timer(0.2, press).start(); os.read(os.pipe()[0], 1)",
    "in a clean-up that then fails": "\n        try: signal.raise_signal(signal.SIGINT)"
    "\n        finally: 1 / 0",
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c_is_heard(moment: str) -> None:
    program = f"{BEGIN}        {MOMENTS[moment]}{END}"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "heard\n"
    assert not done.stderr


def test_what_comes_in_an_exec_ends_the_process_with_its_own_exit_code() -> None:
    program = f"{BEGIN}        exec('signal.raise_signal(signal.SIGTERM)'){END}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("heard\n", 0)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_every_signal_that_ends_a_command_is_heard_with_its_number(name: str) -> None:
    raised = f"signal.raise_signal(signal.{name}); time.sleep(20)"
    end = END.replace("except KeyboardInterrupt:", "except KeyboardInterrupt as error:").replace(
        'print("heard")', "print(error.args[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{BEGIN}        {raised}{end}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{int(signal.Signals[name])}\n"


def test_an_interrupt_that_somebody_takes_for_their_own_comes_again() -> None:
    takes = """        try: signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt: pass
        time.sleep(20)
"""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + takes + END], capture_output=True, text=True, check=True
    )
    assert done.stdout == "heard\n"


def test_what_nohup_ignores_stays_ignored() -> None:
    program = BEGIN.replace("try:\n", "signal.signal(signal.SIGHUP, signal.SIG_IGN)\ntry:\n")
    body = "        signal.raise_signal(signal.SIGHUP); time.sleep(0.3)"
    done = subprocess.run(
        [sys.executable, "-c", program + body + END], capture_output=True, text=True, check=True
    )
    assert done.stdout == "not heard\n"


def test_what_else_a_destructor_raises_is_told_as_ever() -> None:
    program = f"{BEGIN}        Dying.__del__ = lambda self: 1 / 0\n        Dying()\n{END}"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "ZeroDivisionError" in done.stderr
    assert done.stdout == "not heard\n"


def test_the_clean_up_that_ctrl_c_begins_is_left_to_end() -> None:
    slow = """
        class Wanted:
            def __enter__(self): pass
            def __exit__(self, *_):
                try: raise OSError
                except OSError: time.sleep(0.5)
                print("cleaned up")
        try:
            with Wanted(): signal.raise_signal(signal.SIGINT)
        finally:
            time.sleep(0.5)
            print("cleaned up")
"""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + slow + END], capture_output=True, text=True, check=True
    )
    assert done.stdout == "cleaned up\ncleaned up\nheard\n"
    assert not done.stderr
