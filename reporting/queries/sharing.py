"""What is told of a unit without its name, and which units share it: by few of them it is known all the same."""

from collections import defaultdict

from campaigns.models import Campaign, RoutedStandard
from metrostd.registry.enums import Category, UnitType
from metrostd.registry.models import Authority

#: A kind of fact and its word, as a text says it.
Fact = tuple[str, str]
#: What is true of each unit.
Facts = dict[int, frozenset[Fact]]


def facts_of(campaign: Campaign, authority: Authority | None) -> Facts:
    """The units an office, or all offices, inspect in a campaign, with what a reader may know of them."""
    routed = RoutedStandard.objects.filter(campaign=campaign)
    if authority is not None:
        routed = routed.filter(inspecting_authority=authority)
    found: dict[int, set[Fact]] = defaultdict(set)
    rows = routed.values_list(
        "unit",
        "unit__unit_type",
        "category",
        "field__name",
        "standard__name",
        "territorial_authority__region_name",
    )
    for unit, unit_type, category, field, standard, region in rows.iterator():
        found[unit] |= {
            # As the cases say it: the words alone stand in many a sentence.
            ("单位类型", f"某{UnitType(unit_type).label}"),
            ("计量标准类别", str(Category(category).label)),
            ("专业领域", field or ""),
            ("计量标准名称", standard),
            ("行政区", region or ""),
        }
    return {unit: frozenset(fact for fact in facts if fact[1]) for unit, facts in found.items()}
