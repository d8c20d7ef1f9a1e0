"""What is renamed is on the disk before its new name is."""

import os
from pathlib import Path

import pytest

from crawler.durability import put_in_place


class Disk:
    """What the program asked of the disk, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[str, Path]] = []
        sync, rename = os.fsync, os.replace

        def noted_sync(opened: int) -> None:
            self.asked.append(("sync", Path(os.readlink(f"/proc/self/fd/{opened}"))))
            sync(opened)

        def noted_rename(source: Path, target: Path) -> None:
            self.asked.append(("rename", source))
            rename(source, target)

        monkeypatch.setattr(os, "fsync", noted_sync)
        monkeypatch.setattr(os, "replace", noted_rename)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc to see files in")
def test_a_file_is_synced_before_and_its_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, target = tmp_path / "a.part", tmp_path / "a"
    part.write_text("mới")
    target.write_text("cũ")
    disk = Disk(monkeypatch)
    put_in_place(part, target)
    assert disk.asked == [("sync", part), ("rename", part), ("sync", tmp_path)]
    assert (target.read_text(), part.exists()) == ("mới", False)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc to see files in")
def test_a_folder_is_synced_with_all_that_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = tmp_path / "bag.part"
    (part / "data").mkdir(parents=True)
    (part / "data" / "a.db").write_text("a")
    (part / "bagit.txt").write_text("b")
    disk = Disk(monkeypatch)
    put_in_place(part, tmp_path / "bag")
    assert disk.asked[-2:] == [("rename", part), ("sync", tmp_path)]
    assert set(disk.asked[:-2]) == {
        ("sync", path) for path in (part, part / "data", part / "data/a.db", part / "bagit.txt")
    }
