"""Code lists the import reads by name: the 18 专业计量领域 of JJF 1022 and the 计量标准类别 of the notice."""

from functools import lru_cache

from metrostd.common.text import compact

FIELDS = {
    "01": "几何量",
    "04": "热学",
    "12": "力学",
    "15": "电磁学",
    "23": "无线电",
    "25": "时间频率",
    "28": "光学",
    "33": "声学",
    "37": "电离辐射",
    "46": "物理化学",
    "51": "纺织",
    "53": "铁路",
    "55": "气象",
    "57": "海洋",
    "59": "邮电",
    "61": "交通运输",
    "63": "建材",
    "65": "农林牧渔",
}
_FIELD_NAMES = {name: code for code, name in FIELDS.items()} | {
    "长度": "01",
    "几何量(长度)": "01",
    "长度(几何量)": "01",
    "温度": "04",
    "热工": "04",
    "电磁": "15",
    "电学": "15",
    "无线电电子学": "23",
    "时频": "25",
    "光": "28",
    "声": "33",
    "力": "12",
    "热": "04",
    "电": "15",
    "辐射": "37",
    "化学": "46",
    "理化": "46",
    "物化": "46",
    "交通": "61",
    "建筑材料": "63",
    "农林": "65",
}

CATEGORIES = {
    "sp_statutory": "社会公用计量标准（依法设置机构）",
    "sp_authorised": "社会公用计量标准（依法授权）",
    "dept_highest": "部门最高计量标准",
    "ent_highest": "企业最高计量标准",
    "inst_highest": "事业单位最高计量标准",
    "other": "授权专项检定等其他",
}
_CATEGORY_WORDS = (
    ("社会公用", "sp_authorised", ("授权",)),
    ("社会公用", "sp_statutory", ()),
    ("事业", "inst_highest", ()),
    ("企业", "ent_highest", ()),
    ("部门", "dept_highest", ()),
    ("其他", "other", ()),
    ("授权", "other", ()),
)


@lru_cache(maxsize=1024)
def field_code(text: str) -> str:
    """The two-digit code of a field given by name or code, or ``""``."""
    key = compact(text)
    if key in FIELDS:
        return key
    for suffix in ("", "计量", "专业", "类"):
        if key.endswith(suffix) and (code := _FIELD_NAMES.get(key.removesuffix(suffix))):
            return code
    return ""


@lru_cache(maxsize=1024)
def category_code(text: str) -> str:
    """The category named by a cell, or ``""``. 企事业 names two kinds at once and so names none."""
    key = compact(text)
    if key in CATEGORIES:
        return key
    if "企事业" in key:
        return ""
    for word, code, also in _CATEGORY_WORDS:
        if word in key and all(other in key for other in also):
            return code
    return ""
