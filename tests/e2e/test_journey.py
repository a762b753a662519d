"""One campaign in a real browser, from the list in Excel to the statistics table, by five roles."""

import pytest

from . import preparing, visiting
from .conftest import Portal
from .story import OFFICES, Story

pytestmark = pytest.mark.browser


def test_campaign_from_annex_4_to_annex_3(portal: Portal, visit):
    portal.manage("shell", "-v", "0", "-c", OFFICES)
    story = Story(portal, visit)

    preparing.import_list(story)
    preparing.open_campaign(story)
    preparing.pledge(story)
    preparing.read_desks(story)
    preparing.acknowledge_list(story)
    preparing.chase(story)
    preparing.self_check(story)
    preparing.draw(story)
    visiting.assign(story)
    visiting.inspect(story)
    visiting.review(story)
    visiting.rectify(story)
    visiting.annex3(story)
