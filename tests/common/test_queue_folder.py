"""The embedded queue: what a worker that looks at any moment finds in its folder."""

from pathlib import Path

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from metrostd.common import jobs, queue_folder

QUEUE = "people"


@pytest.fixture
def channel(tmp_path):
    folders = {name: str(tmp_path) for name in ("data_folder_in", "data_folder_out")}
    options = {**folders, "control_folder": str(tmp_path / "control")}
    with Connection("filesystem://", transport_options=options) as connection:
        yield connection.channel()


def test_the_address_of_the_default_means_this_transport(channel):
    assert isinstance(channel, queue_folder.Channel)
    assert channel.connection.polling_interval == queue_folder.LOOK_EVERY


def test_a_message_is_whole_before_it_has_its_name(channel, monkeypatch):
    """Whatever is named like a message at the moment the writer is done writing, is none of ours yet."""
    seen: list[list[Path]] = []
    rename = Path.rename

    def watched(self, target):
        seen.append(list(Path(channel.data_folder_in).glob("*.msg")))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", watched)
    channel._put(QUEUE, {"body": "x" * 100_000})

    assert seen == [[]]
    assert channel._size(QUEUE) == 1
    assert len(channel._get(QUEUE)["body"]) == 100_000


def test_messages_come_in_the_order_they_were_sent_and_each_to_its_queue(channel):
    for number in range(12):
        channel._put(QUEUE, {"number": number})
        channel._put("papers", {"number": -number})

    assert [channel._get(QUEUE)["number"] for _ in range(12)] == list(range(12))
    assert channel._size("papers") == 12


def test_a_folder_that_was_tidied_away_comes_back_with_the_next_message(channel, tmp_path):
    tmp_path.rename(tmp_path.with_name("elsewhere"))

    channel._put(QUEUE, {"number": 1})

    assert channel._get(QUEUE)["number"] == 1


def test_a_folder_that_cannot_be_made_is_an_error_of_the_channel(channel, tmp_path):
    tmp_path.rename(tmp_path.with_name("elsewhere"))
    tmp_path.write_text("a file where the folder was")

    with pytest.raises(ChannelError):
        channel._put(QUEUE, {"number": 1})


def test_every_paper_of_the_portal_waits_in_the_queue_of_papers():
    papers = {kind for kind, queue in jobs._queues.items() if queue == jobs.PAPERS}

    assert papers >= {
        "inspections.record",
        "rectification.order_pdf",
        "rectification.confirmation_pdf",
    }
    assert not {kind for kind in papers if kind.startswith(("registry.", "campaigns."))}
