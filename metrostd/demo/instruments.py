"""Invented instruments of the sample standards: what a standard of each kind consists of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of instrument; ``months`` is its interval, ``verified`` whether it is 检定 or 校准."""

    name: str
    model: str
    performance: str
    months: int = 12
    verified: bool = True
    measuring_range: str = ""


def _aux(name: str, model: str, performance: str, months: int = 12) -> Kind:
    return Kind(name, model, performance, months, verified=False)


_THERMO = _aux("数字温湿度计", "SLTH-20", "U=0.5 ℃（k=2）")
_DMM = _aux("数字多用表", "SL-3458", "U=0.002%（k=2）")
_BATH = _aux("恒温槽", "SLHW-300", "波动度0.02 ℃", 24)

#: JJF 1022 code to main instruments and auxiliary equipment; a measuring range left out is that of
#: the standard.
EQUIPMENT: dict[str, tuple[tuple[Kind, ...], tuple[Kind, ...]]] = {
    "12415010": (
        (Kind("精密压力表", "SLYB-160", "0.4级"), Kind("精密真空表", "SLZK-150", "0.4级")),
        (_aux("压力校验器", "SLJY-60", "耐压合格", 24), _THERMO),
    ),
    "12415020": (
        (
            Kind("数字压力计", "SL-600", "0.02级"),
            Kind("活塞式压力计", "SLHS-60", "0.02级", 24),
        ),
        (_aux("压力泵", "SLYB-2", "稳定度合格", 24), _THERMO),
    ),
    "12214110": (
        (Kind("F1等级砝码组", "SLFM-F1", "F1等级"),),
        (_aux("电子天平", "SLTP-220", "分度值0.1 mg"), _THERMO),
    ),
    "12311010": (
        (Kind("扭矩传感器", "SLNJ-1000", "0.3级"), Kind("扭矩测量仪", "SLNJ-10", "0.3级")),
        (_aux("加载装置", "SLJZ-1", "U=0.1%（k=2）", 24),),
    ),
    "04113010": (
        (Kind("二等标准铂电阻温度计", "SLWZ-25", "二等", 24),),
        (_BATH, _aux("测温电桥", "SLDQ-8", "U=1×10⁻⁵（k=2）")),
    ),
    "04117020": (
        (Kind("二等标准铂电阻温度计", "SLWZ-25", "二等", 24),),
        (_BATH, _aux("热电阻自动检定系统", "SLRD-12", "U=0.02 ℃（k=2）")),
    ),
    "04318010": (
        (Kind("多路温度巡检仪", "SLXJ-16", "U=0.03 ℃（k=2）", 12, verified=False),),
        (_BATH, _THERMO),
    ),
    "01314030": (
        (Kind("三等量块", "SLLK-83", "三等"),),
        (_aux("接触式干涉仪", "SLGS-1", "U=0.05 μm（k=2）"), _THERMO),
    ),
    "01416010": ((Kind("五等量块", "SLLK-20", "五等"),), (_aux("平行平晶", "SLPJ-4", "一级", 24),)),
    "15117010": (
        (Kind("直流标准电阻", "SLBZ-3", "0.01级"), Kind("直流电阻箱", "SLZX-92", "0.01级")),
        (_DMM, _THERMO),
    ),
    "15418030": (
        (Kind("三相标准电能表", "SLDN-3", "0.05级"),),
        (_aux("三相程控功率源", "SLGL-3", "稳定度0.02%"),),
    ),
    "15617030": ((Kind("标准电阻箱", "SLZX-17", "0.1级"),), (_aux("绝缘电阻表", "SLJY-25", "10级"),)),
    "46114010": (
        (Kind("气体稀释装置", "SLXS-2", "U=1%（k=2）", 12, verified=False),),
        (_aux("气体流量计", "SLLL-5", "1.5级"), _THERMO),
    ),
    "46417010": ((Kind("pH计检定仪", "SLPH-1", "0.0006级"),), (_BATH, _THERMO)),
    "46517030": (
        (Kind("皂膜流量计", "SLZM-1", "U=1%（k=2）", 12, verified=False),),
        (_aux("铂电阻温度计", "SLBT-1", "U=0.1 ℃（k=2）"), _DMM),
    ),
    "46618010": (
        (Kind("标准稀释配液装置", "SLPY-1", "U=1%（k=2）", 12, verified=False),),
        (_aux("分析天平", "SLTP-200", "分度值0.1 mg"),),
    ),
    "28117010": (
        (Kind("紫外可见标准滤光片", "SLLG-5", "U=0.3%（k=2）", 24, verified=False),),
        (_THERMO,),
    ),
    "33117010": (
        (Kind("声校准器", "SLSJ-1", "1级"), Kind("测量放大器", "SLFD-2", "U=0.1 dB（k=2）")),
        (_aux("气压表", "SLQY-1", "U=0.3 hPa（k=2）"), _THERMO),
    ),
    "37117010": (
        (Kind("X射线剂量仪", "SLJL-4", "U=4%（k=2）"), Kind("非介入式千伏计", "SLQF-1", "U=1.5%（k=2）")),
        (_aux("气压表", "SLQY-1", "U=0.3 hPa（k=2）"),),
    ),
    "25117010": ((Kind("石英晶体频率标准", "SLSY-10", "1×10⁻⁸"),), (_aux("频率计数器", "SLJS-3", "1×10⁻⁷"),)),
    "23117010": (
        (
            Kind("功率计", "SLGP-3", "U=0.1 dB（k=2）", 12, verified=False),
            Kind("频谱分析仪", "SLPP-3", "U=0.15 dB（k=2）", 12, verified=False),
        ),
        (_aux("频率计数器", "SLJS-3", "1×10⁻⁷"),),
    ),
    "55117010": ((Kind("标准铂电阻温度表", "SLBW-2", "二等", 24),), (_BATH, _DMM)),
}  # fmt: skip
MAKERS = ("示例仪器制造厂", "示例计量器具有限公司", "示例精密仪表厂")
LABS = ("天津示例市计量院", "示例国家级计量院", "示例区域计量测试中心")
