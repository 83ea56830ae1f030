from tests.refunds.payouts.wechat_pay.conftest import case as case
