from tests.refunds.policies.desk import editor as editor
from tests.refunds.policies.desk import live as live
