"""Invented names of the sample city. Every unit carries 示例 so that nobody takes it for a real one."""

ENTERPRISE_STEMS = (
    "津门", "海河", "渤海", "燕山", "蓟运", "潮白", "永定", "独流", "北运", "南运",
    "滨城", "津沽", "杨柳", "盘山", "团泊", "七里", "北塘", "汉港", "大沽", "新港",
)  # fmt: skip
ENTERPRISE_TRADES = (
    "精密仪器", "量具制造", "汽车部件", "制药", "食品", "石化", "电力设备", "环境监测",
    "医疗器械", "压力容器", "轨道装备", "船舶重工", "钢管", "电子", "燃气", "水务",
)  # fmt: skip
INSTITUTIONS = ("人民医院", "疾病预防控制中心", "环境监测中心", "产品质量检验中心", "气象局保障中心")
DEPARTMENTS = ("气象计量检定所", "铁路计量所", "邮电计量站", "海洋计量站")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
GIVEN = ("示一", "示二", "示三", "示四", "示五", "示六", "示七", "示八", "示九", "示十")
ROADS = ("示例道", "津示路", "海例街", "样板路", "示范大街", "例园路")

#: JJF 1022 code, name, measuring range, performance, kind of performance, priority domains.
STANDARDS: tuple[tuple[str, str, str, str, str, tuple[str, ...]], ...] = (
    ("12415010", "精密压力表标准装置", "(0～60) MPa", "0.4级", "accuracy_class", ("work_safety",)),
    ("12415020", "数字压力计标准装置", "(-0.1～60) MPa", "0.05级", "accuracy_class", ("work_safety",)),
    ("12214110", "F1等级砝码标准装置", "1 mg～20 kg", "F1等级", "accuracy_class", ("food",)),
    ("12311010", "扭矩扳子检定装置", "(5～1000) N·m", "U=0.5%（k=2）", "uncertainty", ()),
    ("04113010", "二等铂电阻温度计标准装置", "(0～419.527) ℃", "二等", "accuracy_class", ("food",)),
    ("04117020", "工业铂、铜热电阻检定装置", "(-50～300) ℃", "U=0.05 ℃（k=2）", "uncertainty", ()),
    ("04318010", "温度巡测仪校准装置", "(-80～300) ℃", "U=0.1 ℃（k=2）", "uncertainty", ("health",)),
    ("01314030", "三等量块标准装置", "(0.5～100) mm", "三等", "accuracy_class", ()),
    ("01416010", "千分尺检定装置", "(0～100) mm", "MPE：±2 μm", "mpe", ()),
    ("15117010", "直流低电阻表标准装置", "(0.001～20) kΩ", "0.02级", "accuracy_class", ()),
    ("15418030", "交流电能表标准装置", "(0.1～100) A", "0.05级", "accuracy_class", ("work_safety",)),
    ("15617030", "接地电阻表检定装置", "(0.1～2000) Ω", "0.5级", "accuracy_class", ("work_safety",)),
    ("46114010", "可燃气体检测报警器检定装置", "(0～100) %LEL", "U=2%（k=2）", "uncertainty", ("work_safety",)),
    ("46417010", "pH计检定装置", "(0～14) pH", "0.01级", "accuracy_class", ("ecology", "health")),
    ("46517030", "气相色谱仪检定装置", "1×10⁻¹²～1×10⁻⁶ g/mL", "U=3%（k=2）", "uncertainty", ("food", "ecology")),
    ("46618010", "水质在线分析仪检定装置", "(0～500) mg/L", "U=4%（k=2）", "uncertainty", ("ecology",)),
    ("28117010", "紫外可见分光光度计检定装置", "(190～900) nm", "U=0.3 nm（k=2）", "uncertainty", ("health",)),
    ("33117010", "声级计检定装置", "20 Hz～20 kHz", "1级", "accuracy_class", ("ecology",)),
    ("37117010", "医用诊断X射线辐射源检定装置", "(40～150) kV", "U=5%（k=2）", "uncertainty", ("health",)),
    ("25117010", "时间检定仪标准装置", "1 μs～9999 s", "MPE：±1×10⁻⁷", "mpe", ()),
    ("23117010", "信号发生器检定装置", "10 kHz～3 GHz", "U=0.2 dB（k=2）", "uncertainty", ()),
    ("55117010", "自动气象站温度校准装置", "(-50～60) ℃", "U=0.06 ℃（k=2）", "uncertainty", ("ecology",)),
)
