use super::*;

fn connected() -> Link {
    let (mut link, orders) = Link::begin(true);
    assert_eq!(orders, [Order::Open, Order::Patience]);
    assert_eq!(link.state(), LinkState::Connecting);
    let orders = link.on(Event::Opened, 0.0);
    assert_eq!(orders, [Order::Say("WebSocket connection established"), Order::Lost, Order::CatchUp]);
    assert_eq!(link.state(), LinkState::Connected);
    link
}

#[test]
fn p4_a_lost_socket_is_taken_again() {
    let mut link = connected();
    let orders = link.on(Event::Closed(Some(1012)), 0.5);
    assert_eq!(orders[0], Order::Say("WebSocket connection closed"));
    assert!(orders.contains(&Order::Lost) && orders.contains(&Order::Retry(250)));
    assert_eq!(link.state(), LinkState::Reconnecting);
    assert_eq!(link.on(Event::RetryDue, 0.0), [Order::Open]);
    link.on(Event::Opened, 0.0);
    assert_eq!(link.state(), LinkState::Connected);
}

#[test]
fn p3_two_failures_or_three_seconds_bring_the_polls() {
    let (mut link, _) = Link::begin(true);
    assert_eq!(link.on(Event::Closed(None), 0.0), [Order::Retry(0)]);
    let orders = link.on(Event::Closed(None), 0.0);
    assert_eq!(orders[..2], [Order::Say("Falling back to polling mechanism"), Order::StartPolling]);
    assert_eq!(link.state(), LinkState::Reconnecting, "never a lie: no poll was answered");
    assert!(link.on(Event::PollAnswered, 0.0).contains(&Order::CatchUp));
    assert_eq!(link.state(), LinkState::Polling);

    let (mut link, _) = Link::begin(true);
    assert!(link.on(Event::PatienceOver, 0.0).contains(&Order::StartPolling));
    assert!(link.on(Event::PatienceOver, 0.0).is_empty(), "once");
}

#[test]
fn p3_the_socket_ends_the_polls() {
    let (mut link, _) = Link::begin(true);
    link.on(Event::PatienceOver, 0.0);
    link.on(Event::PollAnswered, 0.0);
    assert!(link.on(Event::Opened, 0.0).contains(&Order::StopPolling));
    assert_eq!(link.state(), LinkState::Connected);
    assert!(link.on(Event::PollAnswered, 0.0).is_empty(), "an answer that was still under way");
    assert_eq!(link.state(), LinkState::Connected);
}

#[test]
fn p2_polls_that_fail_are_not_called_up_to_date() {
    let (mut link, _) = Link::begin(true);
    link.on(Event::PatienceOver, 0.0);
    link.on(Event::PollAnswered, 0.0);
    assert_eq!(link.on(Event::PollFailed, 0.0), [Order::Lost]);
    assert_ne!(link.state(), LinkState::Polling);
    assert_eq!(link.on(Event::PollAnswered, 0.0), [Order::CatchUp, Order::Open]);
}

#[test]
fn a_refusal_is_final() {
    for (code, stop) in [(4001, Stop::SignedOut), (4002, Stop::Malformed), (4003, Stop::Gone)] {
        let mut link = connected();
        let orders = link.on(Event::Closed(Some(code)), 0.0);
        assert_eq!(orders[0], Order::Say("WebSocket connection closed"));
        assert!(orders.contains(&Order::Drop) && orders.contains(&Order::StopPolling));
        assert!(!orders.iter().any(|order| matches!(order, Order::Retry(_) | Order::Open)));
        assert_eq!(link.state(), LinkState::Stopped(stop));
        for event in [Event::RetryDue, Event::PatienceOver, Event::PollAnswered, Event::Opened] {
            assert!(link.on(event, 0.0).is_empty());
        }
    }
    let mut link = connected();
    link.on(Event::Closed(Some(4002)), 0.0);
    assert!(link.on(Event::Woke, 0.0).is_empty(), "asking who one is helps nobody here");
}

#[test]
fn t7_a_sign_in_that_ended_comes_back_when_the_same_person_signs_in_again() {
    let mut link = connected();
    assert!(link.on(Event::Closed(Some(4001)), 0.0).contains(&Order::AskWho));
    assert!(Link::begin(true).0.on(Event::SignedOut, 0.0).contains(&Order::AskWho), "told by a request");
    assert!(link.on(Event::SignedOut, 0.0).is_empty(), "asked and answered");
    assert_eq!(link.state(), LinkState::Stopped(Stop::SignedOut));
    assert_eq!(link.on(Event::Woke, 0.0), [Order::AskWho], "whenever somebody looks");
    assert_eq!(link.on(Event::StillOneself, 0.0), [Order::Retry(0), Order::Patience]);
    assert_eq!(link.on(Event::RetryDue, 0.0), [Order::Open]);
    assert!(link.on(Event::StillOneself, 0.0).is_empty(), "said when nobody asked");
}

#[test]
fn t7_somebody_else_in_this_browser_stops_everything() {
    for mut link in [connected(), Link::begin(true).0] {
        let orders = link.on(Event::SomebodyElse, 0.0);
        assert!(orders.contains(&Order::Drop) && orders.contains(&Order::StopPolling));
        assert_eq!(link.state(), LinkState::Stopped(Stop::SomebodyElse));
        for event in [Event::RetryDue, Event::PatienceOver, Event::PollAnswered, Event::Opened] {
            assert!(link.on(event, 0.0).is_empty());
        }
    }
    // Signed out, then signed in as somebody else: the latest is what is said.
    let mut link = connected();
    link.on(Event::Closed(Some(4001)), 0.0);
    link.on(Event::SomebodyElse, 0.0);
    assert_eq!(link.state(), LinkState::Stopped(Stop::SomebodyElse));
    link.on(Event::SignedOut, 0.0);
    assert_eq!(link.state(), LinkState::Stopped(Stop::SignedOut));
}

#[test]
fn too_many_sockets_polls_and_tries_again_later() {
    let mut link = connected();
    let orders = link.on(Event::Closed(Some(4010)), 0.0);
    assert!(orders.contains(&Order::StartPolling) && orders.contains(&Order::Retry(30_000)));
}

#[test]
fn p2_offline_waits_and_online_tries_at_once() {
    let mut link = connected();
    let orders = link.on(Event::Offline, 0.0);
    assert!(orders.contains(&Order::Drop));
    assert_eq!(link.state(), LinkState::Offline);
    assert!(link.on(Event::Woke, 0.0).is_empty());
    assert!(link.on(Event::PatienceOver, 0.0).is_empty());
    assert_eq!(link.on(Event::Online, 0.0), [Order::Open, Order::Patience]);
}

#[test]
fn p2_a_browser_that_is_wrong_about_being_offline_is_no_trap() {
    let (mut link, orders) = Link::begin(false);
    assert!(orders.contains(&Order::Open));
    assert_eq!(link.state(), LinkState::Offline);
    assert_eq!(link.on(Event::Closed(None), 0.0), [Order::Retry(30_000)], "and else it is asked seldom");
    assert_eq!(link.on(Event::RetryDue, 0.0), [Order::Open]);
    link.on(Event::Opened, 0.0);
    assert_eq!(link.state(), LinkState::Connected);
    assert!(link.on(Event::Offline, 0.0).contains(&Order::Retry(30_000)));
}

#[test]
fn p2_a_request_that_is_not_answered_ends_the_belief_in_polls() {
    let (mut link, _) = Link::begin(true);
    assert!(link.on(Event::RequestFailed, 0.0).is_empty(), "nothing was believed");
    link.on(Event::PatienceOver, 0.0);
    link.on(Event::PollAnswered, 0.0);
    assert_eq!(link.on(Event::RequestFailed, 0.0), [Order::Lost, Order::PollNow]);
    assert_eq!(link.state(), LinkState::Reconnecting);
}

#[test]
fn f11_a_page_that_is_left_lets_go_and_one_that_returns_comes_back() {
    let mut link = connected();
    let orders = link.on(Event::Left, 0.0);
    assert!(orders.contains(&Order::Drop) && orders.contains(&Order::StopPolling));
    assert_ne!(link.state(), LinkState::Connected);
    for event in [Event::Closed(None), Event::RetryDue, Event::PatienceOver, Event::Woke, Event::Online] {
        assert!(link.on(event, 0.0).is_empty());
    }
    assert_eq!(link.on(Event::Returned, 0.0), [Order::Open, Order::Patience]);
    link.on(Event::Opened, 0.0);
    assert_eq!(link.state(), LinkState::Connected);
}

#[test]
fn f11_a_socket_that_died_in_its_sleep_is_found_out() {
    let mut link = connected();
    assert_eq!(link.on(Event::Woke, 0.0), [Order::Probe]);
    let orders = link.on(Event::ProbeFailed, 0.0);
    assert!(orders.contains(&Order::Drop) && orders.contains(&Order::Open));
    assert!(link.on(Event::ProbeFailed, 0.0).is_empty());
}

#[test]
fn p4_in_a_hole_whoever_watches_tries_at_once_and_nobody_else() {
    let mut link = connected();
    link.on(Event::ProbeFailed, 0.0);
    let orders = link.on(Event::Unopened { watched: true }, 1.0);
    assert!(orders.contains(&Order::StartPolling), "whatever there is is tried: {orders:?}");
    for _ in 0..20 {
        assert_eq!(link.on(Event::Unopened { watched: true }, 1.0), [Order::Retry(500)]);
    }
    assert_eq!(link.on(Event::Unopened { watched: false }, 1.0), [Order::Retry(30_000)]);
    link.on(Event::PollAnswered, 0.0);
    let orders = link.on(Event::Unopened { watched: true }, 1.0);
    assert_eq!(orders, [Order::Retry(30_000)], "a proxy that lets no socket speak is not pressed");
}

#[test]
fn p2_a_request_that_is_late_has_the_polls_look_whether_the_line_is_there() {
    let mut link = connected();
    assert!(link.on(Event::RequestLate, 0.0).is_empty());
    link.on(Event::Closed(Some(4010)), 0.0);
    assert_eq!(link.on(Event::RequestLate, 0.0), [Order::PollNow]);
}

#[test]
fn a_page_that_gets_the_focus_while_it_begins_does_not_begin_anew() {
    let (mut link, _) = Link::begin(true);
    assert!(link.on(Event::Woke, 0.0).is_empty());
    link.on(Event::Closed(None), 0.0);
    assert_eq!(link.on(Event::Woke, 0.0), [Order::Open]);
}
