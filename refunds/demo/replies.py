"""Words that reviewers need again and again, for the demo; filled in, never sent."""

from refunds.models import CannedReply

REPLIES = (
    (
        "Payment record is missing · 缺少付款凭证",
        "One thing is missing: a record of the payment. A photo of the receipt is "
        "enough. Our clock waits for you.",
        "还差一份材料：付款凭证，拍照即可。等待期间我们的时限暂停计算。",
    ),
    (
        "Monitoring report, please · 请补充监控报告",
        "Our records don't show this outage. A monitoring report or a fault log for "
        "those days would let us look again.",
        "我们的记录中没有查到这次中断。请补充当日的监控报告或故障日志，我们会重新核实。",
    ),
    (
        "Another provider's network · 其他运营商网络故障",
        "The break came from another provider's network. If something shows that it "
        "began on our side, send it and we will check again.",
        "经核实，中断出在其他运营商的网络。如果有材料表明问题出自我方，请发给我们，我们会再次核实。",
    ),
    (
        "We are looking into it · 正在核实",
        "Thank you, we have what we need and are checking it against our records.",
        "材料已收到，我们正在与系统记录核对。",
    ),
)


def ensure_replies() -> None:
    for title, english, chinese in REPLIES:
        CannedReply.objects.get_or_create(
            title=title, defaults={"words_en": english, "words_zh": chinese}
        )
