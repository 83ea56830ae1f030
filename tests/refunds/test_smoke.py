from refunds.payouts.release import move_agreed_on
from refunds.payouts.send import send_due
from datetime import timedelta
def test_main(case, sandbox, now):
    case.known_to(sandbox)
    r = case.agreed()
    assert r.state == "agreed"
    move_agreed_on(at=now)
    assert case.request.state == "paying"
    send_due(clock=lambda: now)
    leg = case.request.payout.legs.get()
    print(leg.state, leg.code, leg.fault, leg.next_at)
    sandbox.clock.advance(30)
    send_due(clock=lambda: now+timedelta(seconds=20))
    leg = case.request.payout.legs.get()
    print(leg.state, leg.code, leg.fault)
    assert case.request.state == "refunded"
    for e in case.request.events.all(): print(e.position, e.kind, e.from_state, e.to_state, e.data)
    for d in case.request.deadlines.all(): print(d.kind, d.owner, d.warn_at, d.due_at, d.closed_at, d.left)
