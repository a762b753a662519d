"""What reporting adds to the layers below: the table that is kept when a campaign is closed."""

from campaigns.extension import table_of_closing
from campaigns.models import Campaign
from metrostd.common import clock
from metrostd.common.models import StoredFile
from metrostd.common.uploads import XLSX, store_bytes

from . import documents
from .annex3 import build


@table_of_closing
def whole_city(campaign: Campaign) -> StoredFile:
    """Annex 3 of all offices as of this moment, as the workbook that is handed in."""
    table = build(campaign, None, as_of=clock.now())
    return store_bytes(documents.annex3_xlsx(table), media_type=XLSX)
