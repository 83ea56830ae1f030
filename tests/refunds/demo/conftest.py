from tests.refunds.pages.visits import clock_stands_still as clock_stands_still
from tests.refunds.pages.visits import disk as disk
from tests.refunds.pages.visits import plain_static_files as plain_static_files
