from tests.refunds.pages.visits import plain_static_files as plain_static_files
from tests.refunds.policies.desk import editor as editor
