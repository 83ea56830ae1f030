"""A policy file made to break its reader is refused in words."""

import pytest

from refunds.models import PolicyVersion
from refunds.policies.files import FileRefused, read_file

pytestmark = pytest.mark.postgres
HEAD = '{"makegood_policy": 1, "product_line": "live_streaming", "rules": '


def test_however_deep_a_file_is_it_is_refused_in_words(live: PolicyVersion) -> None:
    for depth in range(700, 1000):
        deep = "[" * depth + "]" * depth
        with pytest.raises(FileRefused):
            read_file(f'{HEAD}[{{"code": "live.x", "grounds": {deep}}}]}}'.encode())
