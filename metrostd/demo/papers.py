"""The last act: Annex 3 written to files, for the city and for one district of every campaign."""

from pathlib import Path

from campaigns.models import Campaign
from metrostd.common import clock
from metrostd.registry.models import Authority
from reporting.annex3 import build
from reporting.documents import annex3_pdf
from reporting.workbook import annex3_xlsx

from .city import SHOWN


def write_annex3(folder: Path, *, keep: bool = False) -> list[Path]:
    """Write the tables as .xlsx and .pdf; returns the paths. ``keep`` leaves files that are there."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    district = Authority.objects.get(code=SHOWN)
    for campaign in Campaign.objects.order_by("code"):
        for office, name in ((district, district.short_name), (None, "全市")):
            papers = {
                folder / f"附件3-{campaign.code}-{name}.{suffix}": render
                for suffix, render in (("xlsx", annex3_xlsx), ("pdf", annex3_pdf))
            }
            written += papers
            wanted = [path for path in papers if not (keep and path.exists())]
            annex = build(campaign, office, as_of=clock.now()) if wanted else None
            for path in wanted:
                path.write_bytes(papers[path](annex))
    return written
