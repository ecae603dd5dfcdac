"""What students hand in is found where it is, and told where it cannot be meant."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab.grade.submissions import RESULTS, collected, shard
from lab.model import UsageError
from lab.workspace import temporary


def project(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "main.py").write_text("app = None\n")
    return folder


def test_a_project_is_one_submission_and_a_folder_of_projects_is_many(tmp_path: Path) -> None:
    for name in ("ada", "bob"):
        project(tmp_path / "class" / name)
    (tmp_path / "class" / "eve.tar.gz").write_bytes(b"")
    (tmp_path / "class" / ".DS_Store").write_bytes(b"")
    (tmp_path / "class" / "__MACOSX").mkdir()
    (tmp_path / "class" / "grades").mkdir()  # what came of it the last time
    (tmp_path / "class" / "grades" / "results.jsonl").write_bytes(b"")
    assert [s.name for s in collected([tmp_path / "class" / "ada"])] == ["ada"]
    assert [s.name for s in collected([tmp_path / "class"])] == ["ada", "bob", "eve"]


def test_nobody_is_left_out_for_a_name_that_is_no_text_a_pipe_or_a_file_called_results(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "class"
    project(folder / os.fsdecode(b"\xff\xfe"))
    (project(folder / "eve") / "results.jsonl").write_bytes(b"")
    os.mkfifo(folder / "pipe.zip")
    (folder / "gone.zip").symlink_to(tmp_path / "nothing")
    found = collected([folder])
    assert [s.name for s in found] == ["\\xff\\xfe", "eve", "gone", "pipe"]
    assert [bool(s.digest()) for s in found] == [True, True, False, False]


def test_nor_for_folders_inside_each_other_or_results_beside_an_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ada", "bob"):
        project(tmp_path / "class" / name)
    (tmp_path / "class" / "deep").mkdir()
    (tmp_path / "class" / "eve").mkdir()
    for name in (RESULTS, "todos.zip"):
        (tmp_path / "class" / "eve" / name).write_bytes(b"")
    monkeypatch.chdir(tmp_path / "class" / "deep")
    for _ in range(2_000):  # a path to the innermost would be too long for the system
        os.mkdir("d")  # noqa: PTH102
        os.chdir("d")
    assert [s.name for s in collected([tmp_path / "class"])] == ["ada", "bob", "deep", "eve"]
    temporary.remove(tmp_path / "class" / "deep")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX permissions")
def test_a_folder_that_may_not_be_entered_keeps_no_other_from_being_judged(tmp_path: Path) -> None:
    closed = project(tmp_path / "class" / "ada")
    for name in ("bob", "eve"):
        project(tmp_path / "class" / name)
    if os.geteuid() == 0:
        pytest.skip("root may read anything")
    closed.chmod(0)
    found = collected([tmp_path / "class"])
    assert [s.name for s in found] == ["ada", "bob", "eve"]
    assert [bool(s.digest()) for s in found] == [False, True, True]
    closed.chmod(0o700)


@pytest.mark.parametrize("marker", [".lab/journal.jsonl", "README.md", "todos_app/__init__.py"])
def test_a_project_without_python_at_its_top_is_still_one(tmp_path: Path, marker: str) -> None:
    project(tmp_path / "ada" / "todos_app")
    (tmp_path / "ada" / "tests").mkdir()
    (tmp_path / "ada" / "tests" / "test_api.py").write_text("def test_it(): pass\n")
    (tmp_path / "ada" / marker).parent.mkdir(exist_ok=True)
    (tmp_path / "ada" / marker).write_text("")
    assert [s.path for s in collected([tmp_path / "ada"])] == [tmp_path / "ada"]


def test_a_student_who_hands_in_a_package_makes_no_project_of_the_class(tmp_path: Path) -> None:
    for name in ("ada", "bob", "eve"):
        project(tmp_path / "class" / name)
    (tmp_path / "class" / "bob" / "__init__.py").write_text("")
    assert [s.name for s in collected([tmp_path / "class"])] == ["ada", "bob", "eve"]


def test_what_may_be_a_class_or_one_project_is_asked_for(tmp_path: Path) -> None:
    for name in ("ada", "bob"):
        project(tmp_path / "class" / name)
    (tmp_path / "class" / "eve.rar").write_bytes(b"")
    with pytest.raises(UsageError, match=r"ada and bob have an app each.*eve\.rar") as raised:
        collected([tmp_path / "class"])
    assert f"lab grade {tmp_path}/class/*/" in raised.value.remedy
    assert [s.name for s in collected([tmp_path / "class"], app="ada.main:app")] == ["class"]
    assert [s.name for s in collected([*(tmp_path / "class").glob("*/")])] == ["ada", "bob"]


def test_a_project_may_have_its_environment_beside_it(tmp_path: Path) -> None:
    project(tmp_path / "ada" / "todos_app")
    (tmp_path / "ada" / "README.md").write_text("")
    (project(tmp_path / "ada" / "env") / "pyvenv.cfg").write_text("")
    assert [s.name for s in collected([tmp_path / "ada"])] == ["ada"]


def test_a_backend_beside_its_frontend_is_one_submission(tmp_path: Path) -> None:
    project(tmp_path / "ada" / "backend")
    (tmp_path / "ada" / "frontend" / "src").mkdir(parents=True)
    assert [s.path for s in collected([tmp_path / "ada"])] == [tmp_path / "ada"]


def test_a_roster_names_students_paths_beside_it_and_apps(tmp_path: Path) -> None:
    roster = tmp_path / "class.csv"
    roster.write_text('student,path,app\n"Lovelace, Ada",ada.zip,\nbob,b/,todo.web:api\n', "utf-8")
    found = collected([roster], app="main:app")
    assert [(s.name, s.path, s.app) for s in found] == [
        ("Lovelace, Ada", tmp_path / "ada.zip", "main:app"),
        ("bob", tmp_path / "b", "todo.web:api"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        *("ada,ada.zip\n", "student,path\nada\n", "student,path\nada,b,c,d\n", 'student\n"\n'),
        *("student,path\nada,a\0b\n", "student;path\nada;b\n"),
    ],
)
def test_a_roster_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "class.csv").write_text(text)
    with pytest.raises(UsageError) as raised:
        collected([tmp_path / "class.csv"])
    assert "student,path" in raised.value.remedy or "no submission" in raised.value.message


def test_two_submissions_of_one_name_are_refused(tmp_path: Path) -> None:
    one, other = project(tmp_path / "a" / "ada"), project(tmp_path / "b" / "ada")
    with pytest.raises(UsageError, match="Two submissions are called ada"):
        collected([one, other])


def test_every_submission_is_in_exactly_one_shard(tmp_path: Path) -> None:
    every = collected([project(tmp_path / name) for name in "abcdefg"])
    parts = [shard(every, f"{number}/3") for number in (1, 2, 3)]
    assert sorted(s.name for part in parts for s in part) == list("abcdefg")
    for wrong in ("0/3", "4/3", "1", "a/b", "", f"1/{'9' * 5_000}"):
        with pytest.raises(UsageError, match="no part"):
            shard(every, wrong)


def test_a_submission_that_changes_is_another(tmp_path: Path) -> None:
    (submission,) = collected([project(tmp_path / "ada")])
    before = submission.digest()
    (tmp_path / "ada" / "main.py").write_text("app = 1\n")
    assert before != submission.digest() != ""


def test_a_folder_with_other_answers_in_its_journal_is_another(tmp_path: Path) -> None:
    (submission,) = collected([project(tmp_path / "ada")])
    before = submission.digest()
    (tmp_path / "ada" / ".lab").mkdir(exist_ok=True)
    (tmp_path / "ada" / ".lab" / "journal.jsonl").write_text("{}\n")
    assert before != submission.digest() != ""
