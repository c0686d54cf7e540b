"""The store: a name leads to a whole model at any moment, and leftovers go."""

import os
import threading
from pathlib import Path

import pytest

from models.hub.errors import HubError
from models.hub.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "models")


def put(store: Store, name: str, digest: str, files: int = 3) -> Path:
    """A model whose files all hold its digest."""
    with store.workplace(name) as place:
        for index in range(files):
            (place / str(index)).write_text(digest)
        return store.put(place, name, digest)


def test_what_is_put_is_found_under_its_name(store: Store) -> None:
    with store.locked():
        put(store, "ours", "first")
        put(store, "ours", "second")
    assert (store.models_dir / "ours" / "0").read_text() == "second"


def test_a_reader_never_sees_half_a_model(store: Store) -> None:
    ended = threading.Event()
    seen: list[set[str]] = []

    def read() -> None:
        while not ended.is_set():
            folder = (store.models_dir / "ours").resolve()
            seen.append({path.read_text() for path in folder.iterdir()} | {str(len(list(folder.iterdir())))})

    with store.locked():
        put(store, "ours", "0")
        reader = threading.Thread(target=read)
        reader.start()
        for turn in range(1, 200):
            put(store, "ours", f"turn {turn}")
        ended.set()
        reader.join()
    assert len(seen) > 10
    assert all(len(contents) == 2 for contents in seen)


def test_work_that_fails_leaves_nothing(store: Store) -> None:
    with store.locked():
        put(store, "ours", "first")
        with pytest.raises(FileNotFoundError), store.workplace("ours") as place:
            (place / "half").write_bytes((place / "nothing").read_bytes())
    assert not place.exists()
    assert (store.models_dir / "ours" / "0").read_text() == "first"


def test_clearing_takes_leftovers_and_leaves_what_has_a_name(store: Store) -> None:
    with store.locked():
        old = put(store, "ours", "first")
        new = put(store, "ours", "second")
        left = [store.models_dir / ".store" / name for name in ("work-other", "link-other")]
        left[0].mkdir()
        left[1].symlink_to("nowhere")
        store.clear()
        assert old.exists()  # a worker may be loading it
        os.utime(old, (0, 0))
        store.clear()
    assert not old.exists()
    assert new.exists()
    assert not left[0].exists()
    assert not left[1].is_symlink()


def test_removing_takes_the_name_and_the_files(store: Store) -> None:
    with store.locked():
        folder = put(store, "ours", "first")
        store.remove("ours")
    assert not folder.exists()
    assert not (store.models_dir / "ours").is_symlink()


def test_removing_what_is_not_there_says_so(store: Store) -> None:
    with store.locked(), pytest.raises(HubError, match="khulasa models list"):
        store.remove("nothing")


def test_a_second_process_is_told_that_it_waits(store: Store) -> None:
    waits = threading.Event()
    got = threading.Event()

    def second() -> None:
        with store.locked(waits.set):
            got.set()

    with store.locked():
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(10)
        assert not got.is_set()
    thread.join(10)
    assert got.is_set()


def test_an_absolute_link_keeps_its_model(store: Store) -> None:
    with store.locked():
        folder = put(store, "ours", "first")
        (store.models_dir / "ours").unlink()
        (store.models_dir / "ours").symlink_to(folder.absolute())
        os.utime(folder, (0, 0))
        store.clear()
    assert folder.exists()


def test_the_time_of_grace_begins_when_a_model_is_replaced(store: Store) -> None:
    with store.locked():
        old = put(store, "ours", "first")
        os.utime(old, (0, 0))
        put(store, "ours", "second")
        store.clear()
    assert old.exists()


def test_a_folder_that_holds_no_model_is_not_removed(store: Store) -> None:
    papers = store.models_dir / "papers"
    papers.mkdir(parents=True)
    (papers / "letter.txt").write_text("dear reader")
    with store.locked(), pytest.raises(HubError, match="holds no model"):
        store.remove("papers")
    assert (papers / "letter.txt").exists()
    (papers / "manifest.json").write_text("{}")
    with store.locked():
        store.remove("papers")
    assert not papers.exists()
