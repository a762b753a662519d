"""The stable catalogue of what can be wrong with a list, and one found instance of it."""

from dataclasses import dataclass
from enum import StrEnum

from .headers import ENOUGH, SEARCH_ROWS


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


SEVERITY_NAMES = {Severity.ERROR: "错误", Severity.WARNING: "提醒", Severity.INFO: "说明"}


@dataclass(frozen=True, slots=True)
class Kind:
    """What one code means to the person in front of the list, and what to do about it."""

    severity: Severity
    title: str
    advice: str


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing found: where (sheet and cell such as ``D7``), what stood there, what to do.

    ``about`` says for a contradiction which question it is and between what; empty otherwise.
    """

    code: str
    severity: Severity
    sheet: str
    cell: str
    found: str
    advice: str
    about: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return CATALOGUE[self.code].title


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

CATALOGUE: dict[str, Kind] = {
    # The sheet as a whole
    "HEADER_NOT_FOUND": Kind(
        _E,
        "找不到表头",
        f"前{SEARCH_ROWS}行中至少要有{ENOUGH}个可识别的列名；请手工指定表头，或使用空白模板",
    ),
    "SHEET_SKIPPED": Kind(_W, "工作表未读取", "该表没有可识别的表头；如含有数据，请手工指定表头"),
    "SHEET_NOTES": Kind(_I, "说明页未读取", "填写说明不作为数据"),
    "NO_UNIT_COLUMN": Kind(_E, "没有单位名称列", "请手工指定哪一列是单位名称"),
    "NO_DATA": Kind(_E, "没有数据", "表头以下没有数据行，请核对上传的文件"),
    "COLUMN_UNKNOWN": Kind(_I, "列名未识别", "该列不导入；如需导入，请手工指定对应的项目"),
    "COLUMN_DUPLICATE": Kind(_W, "同一项目出现两列", "只读取其中一列；如应读取另一列，请手工指定"),
    "COLUMN_CERTIFICATES": Kind(
        _W, "未读取的列中有证书号", "该列没有导入；如是考核证书号，请手工指定该列"
    ),
    "BLOCKS_SIDE_BY_SIDE": Kind(
        _E, "并排放着两份名单", "一行只能读取一条；请把右边的名单移到左边名单的下方后重新上传"
    ),
    "HEADER_ASSUMED": Kind(
        _I, "这一行当作列名", "没有作为数据读取；如是数据，请在上方插入一行列名"
    ),
    "HEADER_REPEATED": Kind(_I, "表头重复出现", "已作为表头跳过"),
    "SHEET_HIDDEN": Kind(_W, "隐藏的工作表", "其中数据已读取；请确认应当导入"),
    "ROWS_HIDDEN": Kind(_W, "隐藏行中有数据", "已读取；请确认应当导入"),
    "COLUMN_HIDDEN": Kind(_W, "隐藏列中有数据", "已读取；请确认应当导入"),
    "FILTER_ACTIVE": Kind(_I, "工作表设有筛选", "筛选不影响读取，被筛去的行也已读取"),
    "COMMENT": Kind(_W, "单元格有批注", "批注不导入；如含有数据，请填入相应单元格"),
    "EXTERNAL_LINK": Kind(_I, "引用了其他工作簿", "读取的是文件保存时的数值，请确认未过时"),
    # Rows
    "ROW_SUMMARY": Kind(_I, "合计、注释或签署行", "不作为数据，已跳过"),
    "ROW_IGNORED": Kind(_W, "无法识别的行", "未作为数据读取；如是数据，请补齐单位名称"),
    "UNIT_MISSING": Kind(_E, "缺少单位名称", "请填写单位名称"),
    "UNIT_IS_MEASURE": Kind(
        _E,
        "单位名称是计量单位或量词",
        "这一列可能不是单位名称；请指定单位名称所在的列，或填写单位全称",
    ),
    "UNIT_NO_NAME": Kind(_E, "单位名称不是名称", "写的是编号或者“见附件”一类的话；请填写单位全称"),
    "DITTO_NOT_FILLED": Kind(
        _E, "“同上”无法确定指向", "仅序号为空的续行可沿用上一行的单位信息；请填写完整内容"
    ),
    "MULTI_VALUE": Kind(_E, "一个单元格内有多项", "各列项数不一致，无法自动拆分；请拆成多行"),
    "MULTI_NAME": Kind(_W, "标准名称疑似多项", "没有证书号；如是多项计量标准，请拆成多行"),
    "SPLIT": Kind(_I, "已按多项拆分", "各列项数一致，已拆成多项；请核对"),
    "PICTURE": Kind(_W, "单元格里是图片", "图片不导入；如图上有名单内容，请改填文字"),
    "STRUCK_OUT": Kind(
        _W, "内容划有删除线", "划去的行仍按原内容读取；如已作废，请删去该行后重新上传，或不导入该行"
    ),
    "STRUCK_PART": Kind(_W, "部分内容划有删除线", "划去的部分没有读取；请核对"),
    "VALUE_HIDDEN": Kind(
        _W, "单元格格式把内容隐藏了", "表上看不到，已按文件中保存的内容读取；请核对或清空"
    ),
    "YEAR_HIDDEN": Kind(
        _W, "日期没有显示年份", "已按文件中保存的年份读取，录入时没有写年份的可能是录入当年；请核对"
    ),
    "MONTH_HIDDEN": Kind(
        _W, "日期只显示到年", "已按文件中保存的月、日读取，表上看不到；请与证书核对"
    ),
    "DAY_HIDDEN": Kind(_W, "日期只显示到月", "已按文件中保存的日读取，表上看不到；请与证书核对"),
    "LETTER_LOST": Kind(
        _W, "有字显示不出来", "该字在文件中已损坏，或者只有制表人的电脑能显示；请核对并改正"
    ),
    "DRAWING_OVER": Kind(
        _W, "单元格上放着图片或者文本框", "图上的内容不导入，盖住的单元格已按原内容读取；请核对"
    ),
    "MERGED_OVER": Kind(_W, "合并单元格下面还有内容", "按表上显示的读取，下面的内容不导入；请核对"),
    "CELL_LONG": Kind(_E, "单元格内容过长", "请只填写该列应有的内容"),
    "CELL_ERROR": Kind(_E, "公式错误", "单元格显示的是公式错误，请填写实际内容"),
    "FORMULA_NO_VALUE": Kind(_E, "公式没有保存结果", "请用表格软件打开并重新保存，或直接填写内容"),
    # District
    "DISTRICT_MISSING": Kind(_W, "缺少所属区", "提交后进入待分派队列；请填写所属区"),
    "DISTRICT_UNKNOWN": Kind(_W, "所属区无法识别", "请按行政区名称填写，例如“和平区”"),
    # Unit codes
    "USCC_MISSING": Kind(
        _W, "缺少统一社会信用代码", "请补填；确无代码的单位（如部队）须在台账中注明原因"
    ),
    "USCC_SCIENTIFIC": Kind(
        _E, "信用代码变成了数字", "后几位已丢失，无法恢复；请将该列设为文本格式后重新填写"
    ),
    "USCC_LENGTH": Kind(_E, "信用代码不是18位", "请核对营业执照或法人证书"),
    "USCC_CHARSET": Kind(
        _E, "信用代码含有不允许的字符", "信用代码只用数字和除 I、O、S、V、Z 以外的字母；请核对原件"
    ),
    "USCC_CHECK": Kind(_E, "信用代码校验码不符", "按 GB 32100 校验不通过，请核对是否有一位抄错"),
    "USCC_ORG_CHECK": Kind(
        _W, "信用代码内组织机构代码校验不符", "按 GB 11714 校验不通过；早期代码可能如此，请核对"
    ),
    "USCC_CATEGORY": Kind(
        _W, "信用代码与标准类别不符", "请核对标准类别：企业代码以91开头，事业单位以12开头"
    ),
    "ORG_CODE": Kind(
        _W, "填写的是组织机构代码", "已作为9位组织机构代码保存；请补填18位统一社会信用代码"
    ),
    "ORG_CODE_CHECK": Kind(_E, "组织机构代码校验不符", "按 GB 11714 校验不通过，请核对"),
    "CODES_DISAGREE": Kind(
        _W,
        "组织机构代码与信用代码不一致",
        "信用代码第9至17位应是组织机构代码；以信用代码为准，请核对",
    ),
    "PHONE_PRECISION": Kind(_W, "电话号码变成了科学计数", "后几位可能已丢失，请核对"),
    "PHONE_MASKED": Kind(_I, "电话号码已隐去", "以星号隐去的号码不导入，台账中的电话不变"),
    "COUNT_FORMAT": Kind(_W, "计量标准项数不是数字", "请填写整数"),
    "COUNT_MISMATCH": Kind(_W, "计量标准项数与明细不符", "请核对是否漏列或多列"),
    "NAME_VARIANT": Kind(_W, "单位名称写法不一致", "请确认是否同一单位，并统一名称"),
    "CONFLICT": Kind(_E, "同一单位信息矛盾", "请核对后改为一致"),
    "UNIT_DIFFERS": Kind(_W, "同一单位前后不一致", "以先出现的为准；请核对后改为一致"),
    # Standard and certificate
    "STANDARD_MISSING": Kind(_E, "缺少计量标准名称", "有证书号而没有计量标准名称，请填写"),
    "CERT_PATTERN": Kind(
        _W, "证书号格式不符", "原样保留；通常写作“〔2018〕国量标津证字第001号”，请人工核定"
    ),
    "CERT_NO_PROVINCE": Kind(_W, "证书号缺少省份简称", "请核对证书原件"),
    "CERT_YEAR": Kind(
        _E, "证书号年号晚于发证日期", "年号是首次考核合格的年份，不会晚于发证年份；请核对"
    ),
    "CERT_DRAFT": Kind(_I, "没有证书号", "作为草稿导入，不进入抽查范围"),
    "DUP_CERT": Kind(_E, "证书号重复", "同一证书号对应不同内容，请核对"),
    "DUP_ROW": Kind(_I, "重复的行", "与前面某行内容完全相同，已跳过"),
    "CODE_PADDED": Kind(_W, "计量标准代码已补零", "7位代码已在前面补0；请核对"),
    "CODE_FORMAT": Kind(_W, "计量标准代码不是8位数字", "未导入该代码；请按 JJF 1022 填写8位数字"),
    "FIELD_CODE_UNKNOWN": Kind(
        _W, "代码前两位不属于任何专业", "请核对 JJF 1022 代码，或手工选择专业领域"
    ),
    "FIELD_UNKNOWN": Kind(_W, "专业领域无法识别", "请从18个专业领域中选择"),
    "FIELD_MISMATCH": Kind(_W, "专业领域与代码不符", "以代码前两位为准；请核对"),
    "CATEGORY_UNKNOWN": Kind(
        _W, "计量标准类别无法识别", "请填写：企业最高计量标准、事业单位最高计量标准等"
    ),
    # Dates
    "DATE_MISSING": Kind(_W, "缺少日期", "证书应当有发证日期和有效期，请补填"),
    "DATE_UNREADABLE": Kind(_E, "日期无法识别", "请写成“2021-05-31”"),
    "DATE_INVALID": Kind(_E, "日期不存在", "请核对年月日"),
    "DATE_AMBIGUOUS": Kind(_E, "月份无法确定", "按数字保存后1月和10月无法区分；请写成“2021-10-01”"),
    "DATE_TWO_DIGIT_YEAR": Kind(_E, "年份只有两位", "请写四位年份"),
    "DATE_YEAR": Kind(_E, "年份超出范围", "应在1986年至2035年之间，请核对"),
    "DATE_FOREVER": Kind(_E, "有效期写作长期", "考核证书都有有效期，请按证书填写"),
    "DATE_EXPIRED_WORD": Kind(_W, "只写了已过期", "按过期处理；请补填证书上的有效期"),
    "DAY_ASSUMED": Kind(
        _W, "日期没有写日", "发证日期按当月第一天、有效期按当月最后一天处理；请核对"
    ),
    "DATE_SHARED": Kind(_W, "多个证书共用一个日期", "该日期已作为每个证书的日期；请核对"),
    "DATE_TIME": Kind(_W, "日期带有时刻", "导出程序换算时区后日期可能少一天；请与证书核对"),
    "DATE_ORDER": Kind(_E, "有效期不晚于发证日期", "请核对两个日期"),
    "DATE_RANGE": Kind(_W, "有效期起始日与发证日期不同", "以发证日期一列为准；请核对"),
    "DATE_SPAN": Kind(_W, "有效期不是4年或5年", "请核对证书上的发证日期和有效期"),
    "EXPIRED": Kind(_W, "证书已过期", "按过期状态导入；检查时核实是否仍在使用"),
}
