import time, pytest, cProfile, pstats
from refunds.record.events import record
from refunds.review.messages import write
from tests.people import Case
from tests.refunds.admin.pressing import sheet
from tests.refunds.pages.visits import visitor
@pytest.mark.postgres
def test_speed(case: Case) -> None:
    request = case.in_evaluation(); client = visitor(case.people.evaluator)
    for _ in range(50): write(request, by=case.people.evaluator, at=case.at, words="Still looking.")
    for _ in range(300): record(request, "evidence_downloaded", by=case.people.auditor, at=case.at, data={"name":"a","sha256":"0"*64})
    for _ in range(5): client.get(sheet(request))
    t=[]
    for _ in range(40):
        a=time.process_time(); client.get(sheet(request)); t.append(time.process_time()-a)
    t.sort(); print("CPU ms median %.0f p95 %.0f min %.0f" % (t[20]*1000, t[37]*1000, t[0]*1000))
    p=cProfile.Profile(); p.enable()
    for _ in range(10): client.get(sheet(request))
    p.disable(); pstats.Stats(p).sort_stats("cumulative").print_stats(90); assert 0
