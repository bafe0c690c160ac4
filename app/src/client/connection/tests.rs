use super::*;

fn connected() -> Connection {
    let (mut connection, actions) = Connection::begin(true);
    assert_eq!(actions, [Action::Open, Action::Patience]);
    assert_eq!(connection.state(), ConnectionStatus::Connecting);
    let actions = connection.on(Event::Opened, 0.0);
    assert_eq!(
        actions,
        [Action::Log("WebSocket connection established"), Action::TransportLost, Action::CatchUp]
    );
    assert_eq!(connection.state(), ConnectionStatus::Connected);
    connection
}

#[test]
fn p4_a_lost_socket_is_taken_again() {
    let mut connection = connected();
    let actions = connection.on(Event::Closed(Some(CloseCode::Restarting.code())), 0.5);
    assert_eq!(actions[0], Action::Log("WebSocket connection closed"));
    assert!(actions.contains(&Action::TransportLost) && actions.contains(&Action::Retry(250)));
    assert_eq!(connection.state(), ConnectionStatus::Reconnecting);
    assert_eq!(connection.on(Event::RetryDue, 0.0), [Action::Open]);
    connection.on(Event::Opened, 0.0);
    assert_eq!(connection.state(), ConnectionStatus::Connected);
}

#[test]
fn p3_two_failures_or_three_seconds_bring_the_polls() {
    let (mut connection, _) = Connection::begin(true);
    assert_eq!(connection.on(Event::Closed(None), 0.0), [Action::Retry(0)]);
    let actions = connection.on(Event::Closed(None), 0.0);
    assert_eq!(actions[..2], [Action::Log("Falling back to polling mechanism"), Action::StartPolling]);
    assert_eq!(connection.state(), ConnectionStatus::Reconnecting, "never a lie: no poll was answered");
    assert!(connection.on(Event::PollAnswered, 0.0).contains(&Action::CatchUp));
    assert_eq!(connection.state(), ConnectionStatus::Polling);

    let (mut connection, _) = Connection::begin(true);
    assert!(connection.on(Event::PatienceOver, 0.0).contains(&Action::StartPolling));
    assert!(connection.on(Event::PatienceOver, 0.0).is_empty(), "once");
}

#[test]
fn p3_the_socket_ends_the_polls() {
    let (mut connection, _) = Connection::begin(true);
    connection.on(Event::PatienceOver, 0.0);
    connection.on(Event::PollAnswered, 0.0);
    assert!(connection.on(Event::Opened, 0.0).contains(&Action::StopPolling));
    assert_eq!(connection.state(), ConnectionStatus::Connected);
    assert!(connection.on(Event::PollAnswered, 0.0).is_empty(), "an answer that was still under way");
    assert_eq!(connection.state(), ConnectionStatus::Connected);
}

#[test]
fn p2_polls_that_fail_are_not_called_up_to_date() {
    let (mut connection, _) = Connection::begin(true);
    connection.on(Event::PatienceOver, 0.0);
    connection.on(Event::PollAnswered, 0.0);
    assert_eq!(connection.on(Event::PollFailed, 0.0), [Action::TransportLost]);
    assert_ne!(connection.state(), ConnectionStatus::Polling);
    assert_eq!(connection.on(Event::PollAnswered, 0.0), [Action::CatchUp, Action::Open]);
}

#[test]
fn a_refusal_is_final() {
    for (code, stop) in [
        (CloseCode::NotAuthenticated, StopReason::SignedOut),
        (CloseCode::Malformed, StopReason::Malformed),
        (CloseCode::NoSuchConversation, StopReason::Gone),
    ] {
        let mut connection = connected();
        let actions = connection.on(Event::Closed(Some(code.code())), 0.0);
        assert_eq!(actions[0], Action::Log("WebSocket connection closed"));
        assert!(actions.contains(&Action::Drop) && actions.contains(&Action::StopPolling));
        assert!(!actions.iter().any(|order| matches!(order, Action::Retry(_) | Action::Open)));
        assert_eq!(connection.state(), ConnectionStatus::Stopped(stop));
        for event in [Event::RetryDue, Event::PatienceOver, Event::PollAnswered, Event::Opened] {
            assert!(connection.on(event, 0.0).is_empty());
        }
    }
    let mut connection = connected();
    connection.on(Event::Closed(Some(CloseCode::Malformed.code())), 0.0);
    assert!(connection.on(Event::Woke, 0.0).is_empty(), "asking who one is helps nobody here");
}

#[test]
fn t7_a_sign_in_that_ended_comes_back_when_the_same_person_signs_in_again() {
    let mut connection = connected();
    assert!(
        connection
            .on(Event::Closed(Some(CloseCode::NotAuthenticated.code())), 0.0)
            .contains(&Action::CheckIdentity)
    );
    assert!(
        Connection::begin(true).0.on(Event::SignedOut, 0.0).contains(&Action::CheckIdentity),
        "told by a request"
    );
    assert!(connection.on(Event::SignedOut, 0.0).is_empty(), "asked and answered");
    assert_eq!(connection.state(), ConnectionStatus::Stopped(StopReason::SignedOut));
    assert_eq!(connection.on(Event::Woke, 0.0), [Action::CheckIdentity], "whenever somebody looks");
    assert_eq!(connection.on(Event::IdentityConfirmed, 0.0), [Action::Retry(0), Action::Patience]);
    assert_eq!(connection.on(Event::RetryDue, 0.0), [Action::Open]);
    assert!(connection.on(Event::IdentityConfirmed, 0.0).is_empty(), "said when nobody asked");
}

#[test]
fn t7_somebody_else_in_this_browser_stops_everything() {
    for mut connection in [connected(), Connection::begin(true).0] {
        let actions = connection.on(Event::OtherPerson, 0.0);
        assert!(actions.contains(&Action::Drop) && actions.contains(&Action::StopPolling));
        assert_eq!(connection.state(), ConnectionStatus::Stopped(StopReason::OtherPerson));
        for event in [Event::RetryDue, Event::PatienceOver, Event::PollAnswered, Event::Opened] {
            assert!(connection.on(event, 0.0).is_empty());
        }
    }
    // Signed out, then signed in as somebody else: the status shows the latest.
    let mut connection = connected();
    connection.on(Event::Closed(Some(CloseCode::NotAuthenticated.code())), 0.0);
    connection.on(Event::OtherPerson, 0.0);
    assert_eq!(connection.state(), ConnectionStatus::Stopped(StopReason::OtherPerson));
    connection.on(Event::SignedOut, 0.0);
    assert_eq!(connection.state(), ConnectionStatus::Stopped(StopReason::SignedOut));
}

#[test]
fn too_many_sockets_polls_and_tries_again_later() {
    let mut connection = connected();
    let actions = connection.on(Event::Closed(Some(CloseCode::TooManySockets.code())), 0.0);
    assert!(actions.contains(&Action::StartPolling) && actions.contains(&Action::Retry(30_000)));
}

#[test]
fn p2_offline_waits_and_online_tries_at_once() {
    let mut connection = connected();
    let actions = connection.on(Event::Offline, 0.0);
    assert!(actions.contains(&Action::Drop));
    assert_eq!(connection.state(), ConnectionStatus::Offline);
    assert!(connection.on(Event::Woke, 0.0).is_empty());
    assert!(connection.on(Event::PatienceOver, 0.0).is_empty());
    assert_eq!(connection.on(Event::Online, 0.0), [Action::Open, Action::Patience]);
}

#[test]
fn p2_a_browser_that_is_wrong_about_being_offline_is_no_trap() {
    let (mut connection, actions) = Connection::begin(false);
    assert!(actions.contains(&Action::Open));
    assert_eq!(connection.state(), ConnectionStatus::Offline);
    assert_eq!(
        connection.on(Event::Closed(None), 0.0),
        [Action::Retry(30_000)],
        "and else it is asked seldom"
    );
    assert_eq!(connection.on(Event::RetryDue, 0.0), [Action::Open]);
    connection.on(Event::Opened, 0.0);
    assert_eq!(connection.state(), ConnectionStatus::Connected);
    assert!(connection.on(Event::Offline, 0.0).contains(&Action::Retry(30_000)));
}

#[test]
fn p2_a_request_that_is_not_answered_ends_the_belief_in_polls() {
    let (mut connection, _) = Connection::begin(true);
    assert!(connection.on(Event::RequestFailed, 0.0).is_empty(), "nothing was believed");
    connection.on(Event::PatienceOver, 0.0);
    connection.on(Event::PollAnswered, 0.0);
    assert_eq!(connection.on(Event::RequestFailed, 0.0), [Action::TransportLost, Action::PollNow]);
    assert_eq!(connection.state(), ConnectionStatus::Reconnecting);
}

#[test]
fn f11_a_page_that_is_left_lets_go_and_one_that_returns_comes_back() {
    let mut connection = connected();
    let actions = connection.on(Event::Left, 0.0);
    assert!(actions.contains(&Action::Drop) && actions.contains(&Action::StopPolling));
    assert_ne!(connection.state(), ConnectionStatus::Connected);
    for event in [Event::Closed(None), Event::RetryDue, Event::PatienceOver, Event::Woke, Event::Online] {
        assert!(connection.on(event, 0.0).is_empty());
    }
    assert_eq!(connection.on(Event::Returned, 0.0), [Action::Open, Action::Patience]);
    connection.on(Event::Opened, 0.0);
    assert_eq!(connection.state(), ConnectionStatus::Connected);
}

#[test]
fn f11_a_socket_that_died_in_its_sleep_is_found_out() {
    let mut connection = connected();
    assert_eq!(connection.on(Event::Woke, 0.0), [Action::Probe]);
    let actions = connection.on(Event::ProbeFailed, 0.0);
    assert!(actions.contains(&Action::Drop) && actions.contains(&Action::Open));
    assert!(connection.on(Event::ProbeFailed, 0.0).is_empty());
}

#[test]
fn p4_in_a_hole_whoever_watches_tries_at_once_and_nobody_else() {
    let mut connection = connected();
    connection.on(Event::ProbeFailed, 0.0);
    let actions = connection.on(Event::Unopened { watched: true }, 1.0);
    assert!(actions.contains(&Action::StartPolling), "whatever there is is tried: {actions:?}");
    for _ in 0..20 {
        assert_eq!(connection.on(Event::Unopened { watched: true }, 1.0), [Action::Retry(500)]);
    }
    assert_eq!(connection.on(Event::Unopened { watched: false }, 1.0), [Action::Retry(30_000)]);
    connection.on(Event::PollAnswered, 0.0);
    let actions = connection.on(Event::Unopened { watched: true }, 1.0);
    assert_eq!(actions, [Action::Retry(30_000)], "a proxy that lets no socket speak is not pressed");
}

#[test]
fn p2_a_request_that_is_late_has_the_polls_look_whether_the_line_is_there() {
    let mut connection = connected();
    assert!(connection.on(Event::RequestLate, 0.0).is_empty());
    connection.on(Event::Closed(Some(CloseCode::TooManySockets.code())), 0.0);
    assert_eq!(connection.on(Event::RequestLate, 0.0), [Action::PollNow]);
}

#[test]
fn a_page_that_gets_the_focus_while_it_begins_does_not_begin_anew() {
    let (mut connection, _) = Connection::begin(true);
    assert!(connection.on(Event::Woke, 0.0).is_empty());
    connection.on(Event::Closed(None), 0.0);
    assert_eq!(connection.on(Event::Woke, 0.0), [Action::Open]);
}

#[test]
fn a_close_code_from_a_newer_server_follows_the_rule_of_its_range() {
    for code in [4_000, 4_005, 4_007] {
        let mut connection = connected();
        connection.on(Event::Closed(Some(code)), 0.0);
        assert_eq!(connection.state(), ConnectionStatus::Stopped(StopReason::Refused), "{code}");
    }
    for code in [4_011, 4_099, 4_401, 4_999, 1_011, 1_014, 3_000] {
        let mut connection = connected();
        assert!(connection.on(Event::Closed(Some(code)), 0.0).contains(&Action::Retry(0)), "{code}");
    }
}
