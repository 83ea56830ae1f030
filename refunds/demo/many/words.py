"""What customers are called and what they write, in Chinese and English; now and then
a word that hardly anybody else uses."""

from random import Random

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉红建国文辉力俊欣怡子涵雨桐思远"
)
BRANDS = (
    "星河云海远山青禾明月长风晨光瀚海鼎新博雅天成锦程凌云启航乐学优途卓越同创汇通百川"
)
TRADES = (
    "传媒",
    "科技",
    "教育",
    "网络",
    "文化",
    "数据",
    "商贸",
    "直播",
    "供应链",
    "信息技术",
)
PLACES = (
    "北京",
    "上海",
    "杭州",
    "深圳",
    "广州",
    "成都",
    "武汉",
    "南京",
    "厦门",
    "西安",
)
FIRST = ("Anna", "Ben", "Clara", "David", "Emma", "Felix", "Grace", "Henry", "Iris")
LAST = ("Reed", "Fischer", "Novak", "Okafor", "Silva", "Tanaka", "Lindqvist", "Moreau")
NAMES = ("Harbour", "Northwind", "Blue Fern", "Silverline", "Oak & Tide", "Lumen")
KINDS = ("Learning", "Media", "Networks", "Studios", "Logistics", "Retail", "Labs")
RARE = ("霹雳", "饕餮", "鹡鸰", "氤氲", "quokka", "zephyr", "obsidian", "kumquat")
CITIES = ("法兰克福", "新加坡", "雅加达", "洛杉矶", "东京", "圣保罗", "迪拜", "悉尼")
TOWNS = ("Frankfurt", "Singapore", "Jakarta", "Los Angeles", "Tokyo", "Dubai", "Sydney")

# By ground: what is written about it; {n} is a number, {city} a place.
WRITTEN: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "change_of_mind": (
        (
            "业务调整，暂时用不上了，申请退款。",
            "购买后发现与现有系统重复，服务尚未使用。",
            "公司预算变化，{city}项目取消，希望尽快处理。",
        ),
        (
            "Our plans changed and we no longer need it. Nothing was used so far.",
            "The project in {city} was cancelled; we would like our money back.",
        ),
    ),
    "outage": (
        (
            "{city}线路中断超过 {n} 小时，期间 {m} 场直播全部取消。",
            "服务完全不可用 {n} 小时，客服多次承诺修复均未兑现。",
            "推流全部失败，控制台报错，持续 {n} 小时。",
        ),
        (
            "The line to {city} was down for {n} hours and {m} live shows failed.",
            "Complete outage for {n} hours; support promised a fix {m} times.",
        ),
    ),
    "quality": (
        (
            "{city}带宽实测只有 {n} Mbps，远低于合同约定。",
            "丢包严重，会议卡顿，{m} 位客户投诉，附监测报告。",
            "可用率未达到约定的指标，业务受到影响。",
        ),
        (
            "Measured bandwidth to {city} was {n} Mbps, far below the contract.",
            "Calls kept freezing, {m} customers complained; report attached.",
        ),
    ),
    "shortfall": (
        (
            "约定交付 100 条，实际只交付 {n} 条，已过交付日期。",
            "数量不足，缺少 {m} 条，催促多次没有结果。",
        ),
        (
            "100 pieces were ordered, {n} arrived, and the due day has passed.",
            "We are {m} pieces short and got no answer to our reminders.",
        ),
    ),
    "content_mismatch": (
        (
            "课程内容与宣传不符，第 {m} 节开始就是旧资料。",
            "讲师更换，课程大纲与购买时描述不一致。",
        ),
        (
            "The course is not what was described; lesson {m} is old material.",
            "A different teacher and a different outline from what we bought.",
        ),
    ),
}
QUESTIONS = (
    (
        "请补充{city}节点的监测截图。",
        "请提供付款凭证的原件照片。",
        "请说明中断开始的时间。",
    ),
    ("Please add a screenshot of the {city} node.", "Please send the payment record."),
)
ANSWERS = (
    ("已补充，请查收。", "截图见附件，时间为当天上午。", "付款凭证已上传。"),
    ("Added, please have a look.", "The screenshot is attached."),
)
NOTES = (
    "已与客户经理核对，情况属实。",
    "同类案件见上月处理记录。",
    "监测数据已调取，待复核。",
)


def company(dice: Random, *, chinese: bool) -> str:
    if not chinese:
        return f"{dice.choice(NAMES)} {dice.choice(KINDS)} {dice.randint(2, 99)}"
    brand = dice.choice(BRANDS) + dice.choice(BRANDS)
    return f"{dice.choice(PLACES)}{brand}{dice.choice(TRADES)}有限公司"


def person(dice: Random, *, chinese: bool) -> str:
    if not chinese:
        return f"{dice.choice(FIRST)} {dice.choice(LAST)}"
    return dice.choice(SURNAMES) + "".join(dice.choices(GIVEN, k=dice.randint(1, 2)))


def description(dice: Random, ground: str, *, chinese: bool) -> str:
    """One in five names the number of a fault, one in a thousand a rare word."""
    zh, en = WRITTEN[ground]
    text = filled(dice, dice.choice(zh if chinese else en), chinese=chinese)
    if dice.random() < 0.2:
        number = f"ERR-{dice.getrandbits(24):06X}"
        text += f"故障编号 {number}。" if chinese else f" Fault number {number}."
    if dice.random() < 0.001:
        text += dice.choice(RARE)
    return text


def filled(dice: Random, text: str, *, chinese: bool) -> str:
    city = dice.choice(CITIES if chinese else TOWNS)
    return text.format(city=city, n=dice.randint(20, 96), m=dice.randint(2, 30))


def said(dice: Random, told: tuple[tuple[str, ...], ...], *, chinese: bool) -> str:
    zh, en = told
    return filled(dice, dice.choice(zh if chinese else en), chinese=chinese)
