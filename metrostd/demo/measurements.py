"""What the sample standards measure once a year, what is done with them, and by which regulation."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measurement:
    """The check object of one kind of standard: its value, resolution, scatter and limit, in ``unit``.

    ``u`` is the expanded uncertainty (k=2) of a result; ``items`` are names and regulation numbers.
    """

    subject: str
    unit: str
    nominal: float
    places: int
    scatter: float
    limit: str
    u: str
    items: tuple[tuple[str, str], ...]
    uses_corrections: bool = False


#: JJF 1022 code of the standard to its measurement.
MEASUREMENTS: dict[str, Measurement] = {
    "12415010": Measurement(
        "1.6级一般压力表，6 MPa", "MPa", 6.01, 3, 0.004, "0.024", "0.02",
        (("一般压力表检定", "JJG 52-2013"), ("压力真空表检定", "JJG 52-2013")),
    ),
    "12415020": Measurement(
        "0.2级数字压力计，10 MPa", "MPa", 10.002, 4, 0.0004, "0.005", "0.004",
        (("数字压力计检定", "JJG 875-2019"), ("压力变送器检定", "JJG 882-2019")),
    ),
    "12214110": Measurement(
        "F2等级砝码，100 g 的修正值", "mg", 0.21, 3, 0.006, "0.05", "0.05",
        (("F2等级及以下砝码检定", "JJG 99-2006"),), True,
    ),
    "12311010": Measurement(
        "扭矩扳子，100 N·m", "N·m", 100.2, 2, 0.08, "0.50", "0.5", (("扭矩扳子检定", "JJG 707-2014"),),
    ),
    "04113010": Measurement(
        "工业铂热电阻，100 ℃", "℃", 100.012, 4, 0.0009, "0.006", "0.006",
        (("工业铂热电阻检定", "JJG 229-2010"),), True,
    ),
    "04117020": Measurement(
        "Pt100热电阻，0 ℃ 的示值偏差", "℃", 0.021, 4, 0.004, "0.05", "0.05",
        (("工业铂、铜热电阻检定", "JJG 229-2010"),),
    ),
    "04318010": Measurement(
        "温度巡测仪，50 ℃", "℃", 50.03, 3, 0.008, "0.10", "0.1",
        (("温度巡回检测仪校准", "JJF 1171-2007"),),
    ),
    "01314030": Measurement(
        "四等量块，50 mm 的偏差", "μm", 0.12, 3, 0.012, "0.10", "0.1",
        (("四、五等量块检定", "JJG 146-2011"),), True,
    ),
    "01416010": Measurement(
        "外径千分尺，25 mm 的示值误差", "μm", 0.6, 2, 0.16, "2.0", "1.2",
        (("千分尺检定", "JJG 21-2008"),),
    ),
    "15117010": Measurement(
        "直流低电阻表，1 Ω", "Ω", 1.0004, 6, 0.00002, "0.0002", "0.0002",
        (("直流低电阻表检定", "JJG 837-2003"),),
    ),
    "15418030": Measurement(
        "0.2级电能表，5 A，cosφ=1 的误差", "%", 0.06, 3, 0.004, "0.05", "0.05",
        (("电子式交流电能表检定", "JJG 596-2012"),),
    ),
    "15617030": Measurement(
        "接地电阻表，10 Ω", "Ω", 10.03, 3, 0.008, "0.05", "0.05",
        (("接地电阻表检定", "JJG 366-2004"),),
    ),
    "46114010": Measurement(
        "可燃气体检测报警器，50 %LEL", "%LEL", 50.4, 1, 0.25, "1.0", "1.0",
        (("可燃气体检测报警器检定", "JJG 693-2011"),),
    ),
    "46417010": Measurement(
        "pH计，pH 6.86", "pH", 6.862, 4, 0.0007, "0.01", "0.006",
        (("实验室pH(酸度)计检定", "JJG 119-2018"),),
    ),
    "46517030": Measurement(
        "气相色谱仪载气流速，30 mL/min", "mL/min", 30.12, 2, 0.07, "0.90", "0.9",
        (("气相色谱仪检定", "JJG 700-2016"),),
    ),
    "46618010": Measurement(
        "COD在线分析仪，100 mg/L", "mg/L", 101.2, 1, 0.6, "4.0", "4.0",
        (("化学需氧量在线自动监测仪检定", "JJG 1012-2019"),),
    ),
    "28117010": Measurement(
        "紫外可见分光光度计，536.5 nm", "nm", 536.62, 2, 0.04, "0.30", "0.3",
        (("紫外、可见、近红外分光光度计检定", "JJG 178-2007"),),
    ),
    "33117010": Measurement(
        "1级声级计，1 kHz，94 dB", "dB", 93.98, 2, 0.03, "0.20", "0.2",
        (("声级计检定", "JJG 188-2017"),),
    ),
    "37117010": Measurement(
        "诊断X射线机，80 kV", "kV", 80.6, 1, 0.3, "4.0", "4.0",
        (("医用诊断X射线辐射源检定", "JJG 744-2004"),),
    ),
    "25117010": Measurement(
        "电子秒表，3600 s 的测量误差", "s", 0.012, 4, 0.001, "0.01", "0.01",
        (("秒表检定", "JJG 237-2010"),),
    ),
    "23117010": Measurement(
        "信号发生器输出电平，0 dBm", "dB", 0.08, 3, 0.012, "0.20", "0.2",
        (("信号发生器检定", "JJG 173-2003"),),
    ),
    "55117010": Measurement(
        "自动气象站温度传感器，20 ℃", "℃", 20.02, 3, 0.004, "0.06", "0.06",
        (("自动气象站铂电阻温度传感器检定", "JJG(气象)002-2015"),),
    ),
}  # fmt: skip
