import pytest

from normlab.report.build import _folder
from normlab.report.errors import BuildError
from normlab.report.project import Project
from normlab.report.variants import variants


@pytest.fixture
def files(tmp_path):
    for name in ("mine", "theirs"):
        (tmp_path / f"{name}.yaml").write_text(f"dataset: {name}\n", "utf-8")
    return [tmp_path / "mine.yaml", tmp_path / "theirs.yaml"]


def test_one_build_by_default():
    assert variants([], []) == [("", [])]
    assert variants([], ["seeds=3", "epochs=2"]) == [("", ["seeds=3", "epochs=2"])]


def test_a_file_and_a_profile_give_a_build_their_name(files):
    assert variants(files[:1], []) == [("mine", [("dataset", "mine")])]
    assert [one.name for one in variants([], ["profile=quick"])] == ["quick"]
    (one,) = variants(files[:1], ["profile=quick", "seeds=3"])
    assert one.name == "mine,quick,seeds=3"
    assert one.assignments == [("dataset", "mine"), "profile=quick", "seeds=3"]


def test_what_is_given_twice_is_tried_in_every_combination(files):
    found = variants(files, ["seeds=3", "epochs=1", "seeds=5"])
    assert [one.name for one in found] == [
        f"{file},{seeds},epochs=1"
        for file in ("mine", "theirs")
        for seeds in ("seeds=3", "seeds=5")
    ]
    assert len(variants([], ["seeds=3", "seeds=3"])) == 1


def test_no_more_builds_than_anybody_means():
    given = [f"{name}={value}" for name in ("seeds", "epochs") for value in range(8)]
    with pytest.raises(BuildError, match="64 builds are asked for, and 50 are allowed"):
        variants([], given)


@pytest.mark.parametrize(
    ("values", "called", "name"),
    [
        ({"seeds": 3}, "", "seeds=3"),
        ({"seeds": 3, "batch_sizes": [5, 50]}, "", "batch_sizes=5-50,seeds=3"),
        ({"seeds": 3, "epochs": 1}, "quick", "quick"),
        ({"seeds": 3}, "my values", "my_values_d5b99e"),
    ],
)
def test_names_that_a_person_can_say(values, called, name, tmp_path):
    folder = _folder(Project(tmp_path), {"01-a": values}, called)
    if "_d5" in name:
        assert folder.name.startswith("my_values_")
        assert len(folder.name) == len(name)
    else:
        assert folder.name == name
