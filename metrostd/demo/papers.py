"""The last act: Annex 3 written to files, for the city and for one district of every campaign."""

from pathlib import Path

from campaigns.models import Campaign
from metrostd.common import clock
from metrostd.registry.models import Authority
from reporting.annex3 import build
from reporting.documents import annex3_pdf, annex3_xlsx

from .city import SHOWN


def write_annex3(folder: Path) -> list[Path]:
    """Write the tables as .xlsx and .pdf; a file that is there is written anew. Returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    district = Authority.objects.get(code=SHOWN)
    for campaign in Campaign.objects.order_by("code"):
        for office, name in ((district, district.short_name), (None, "全市")):
            annex = build(campaign, office, as_of=clock.now())
            for suffix, render in (("xlsx", annex3_xlsx), ("pdf", annex3_pdf)):
                path = folder / f"附件3-{campaign.code}-{name}.{suffix}"
                path.write_bytes(render(annex))
                written.append(path)
    return written
