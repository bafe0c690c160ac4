//! A valid history passes, and each way to break it is caught.

mod groups;

use super::*;
use crate::checker::change::Change;
use crate::checker::history::Shown;
use crate::checker::views::there;
use protocol::{ClientId, GroupEvent, GroupEventKind, MessageId, MessageType, Person, Timestamp};

const ROOM: ConversationId = ConversationId(1);
/// Three people; the first removes the third.
const PEOPLE: [UserId; 3] = [UserId(1), UserId(2), UserId(3)];

/// A valid case, which tests break.
struct Case {
    events: Vec<Event>,
    created: Created,
    nodes: Vec<Vec<Final>>,
    screens: Vec<Screen>,
    grace: Duration,
}

fn id(body: &str) -> ClientId {
    let digits = body.chars().next().expect("a digit").to_string().repeat(12);
    format!("00000000-0000-7000-8000-{digits}").parse().expect("an id")
}

fn person(user: i64) -> Person {
    let (first_name, last_name) = (String::new(), String::new());
    Person {
        id: UserId(user),
        username: format!("person{user}"),
        first_name,
        last_name,
        hue: None,
        suspended: false,
        bot: false,
        name_key: None,
        picture: None,
    }
}

fn message(user: i64, seq: i64, body: &str) -> Message {
    Message {
        id: MessageId(seq),
        conversation_id: ROOM,
        seq,
        rev: seq,
        client_id: id(body),
        sender: person(user),
        content: body.into(),
        message_type: MessageType::Text,
        timestamp: Timestamp(0),
        edited_at: None,
        deleted_at: None,
        reply_to: None,
        event: None,
    }
}

/// The message about a change that this person made.
fn line(user: i64, seq: i64, body: &str, event: GroupEvent) -> Message {
    let mut line = message(user, seq, body);
    (line.message_type, line.event) = (MessageType::System, Some(Box::new(event)));
    line
}

fn member(user: i64, role: Role, rev: i64, left: bool) -> Member {
    let (joined_seq, read_seq, delivered_seq) = (0, 2, 2);
    Member { user: person(user), role, rev, joined_seq, read_seq, delivered_seq, left, subject_role: None }
}

/// The group at its creation by the first person.
fn created(others: &[UserId]) -> Created {
    let mut members: BTreeMap<_, _> = others.iter().map(|user| (*user, Role::Member)).collect();
    members.insert(PEOPLE[0], Role::Owner);
    Created { conversation: ROOM, members, title: None }
}

impl Case {
    fn of(created: Created) -> Self {
        let (events, nodes, screens) = (Vec::new(), Vec::new(), Vec::new());
        Self { events, created, nodes, screens, grace: Duration::ZERO }
    }

    /// Two people send; the first deletes; the third is removed; everybody reads.
    fn good() -> Self {
        let mut case = Self::of(created(&PEOPLE[1..]));
        case.sends(0, "a", 1);
        case.sends(1, "b", 2);
        case.does(1, What::Mark { conversation: ROOM, seq: 2 }, Kind::Ok);
        case.does(1, What::Cursor { conversation: ROOM, seq: Some(2) }, Kind::Ok);
        case.does(0, What::Delete { conversation: ROOM, message: id("a") }, Kind::Ok);
        case.hears(2, 3);
        case.changes(0, Change::Remove { user: UserId(3) }, Kind::Ok);
        case.note(2, What::Gone { conversation: ROOM });
        case.sends(1, "c", 5);
        case.reads(1, &[("a", 1, true), ("b", 2, false), ("e", 4, false), ("c", 5, false)]);
        case.does(0, What::Conflict { body: "d".into() }, Kind::Fail);
        case.does(0, What::Repeat { conversation: ROOM, message: id("b"), seq: Some(2) }, Kind::Ok);

        let mut deleted = message(1, 1, "a");
        (deleted.rev, deleted.content, deleted.deleted_at) = (3, String::new(), Some(Timestamp(1)));
        let removed = GroupEvent::about(GroupEventKind::Removed, vec![person(3)]);
        let messages = vec![deleted, message(2, 2, "b"), line(1, 4, "e", removed), message(2, 5, "c")];
        let roles = [(1, Role::Owner, 0, false), (2, Role::Member, 0, false), (3, Role::Member, 4, true)];
        let members = roles.map(|(user, role, rev, left)| member(user, role, rev, left)).to_vec();
        let (title, history) = (None, History::Whole);
        case.ends(Final { conversation: ROOM, counter: 5, members, title, history, messages }, &[0, 1]);
        case
    }

    /// Both nodes end like this, and screens show the messages after these.
    fn ends(&mut self, end: Final, before: &[i64]) {
        let members: BTreeMap<_, _> = there(&end.members);
        for (process, user) in PEOPLE.into_iter().enumerate() {
            let (conversation, title, history, pending) = (ROOM, end.title.clone(), end.history, 0);
            let listed = members.contains_key(&user);
            let from = before.get(process).copied().unwrap_or_default();
            let shown = end.messages.iter().filter(|message| listed && message.seq > from);
            let rows: Vec<_> = shown.cloned().collect();
            let (members, last) = (members.clone(), rows.last().cloned());
            self.screens.push(Screen {
                process,
                user,
                conversation,
                listed,
                last,
                members,
                title,
                history,
                rows,
                pending,
            });
        }
        self.nodes = vec![vec![end.clone()], vec![end]];
    }

    fn push(&mut self, kind: Kind, process: usize, began: Option<usize>, what: What) -> usize {
        let (at, index) = (Timestamp(0), self.events.len());
        let (after, process, began) = (1_000_000 * index as u64, Some(process), began.unwrap_or(index));
        self.events.push(Event { kind, at, after, process, began, what });
        index
    }

    fn does(&mut self, process: usize, what: What, kind: Kind) {
        let began = self.push(Kind::Invoke, process, None, what.clone());
        self.push(kind, process, Some(began), what);
    }

    fn note(&mut self, process: usize, what: What) {
        self.push(Kind::Note, process, None, what);
    }

    fn sends(&mut self, process: usize, body: &str, seq: i64) {
        let (conversation, message, body) = (ROOM, id(body), body.to_owned());
        self.does(process, What::Send { conversation, message, body, seq: Some(seq) }, Kind::Ok);
    }

    fn changes(&mut self, process: usize, change: Change, kind: Kind) {
        self.does(process, What::Change { conversation: ROOM, request: ClientId::mint(), change }, kind);
    }

    fn reads(&mut self, process: usize, rows: &[(&str, i64, bool)]) {
        let shown = rows.iter().map(|&(body, seq, deleted)| Shown { message: id(body), seq, deleted });
        self.does(process, What::Read { conversation: ROOM, before: None, shown: shown.collect() }, Kind::Ok);
    }

    fn hears(&mut self, process: usize, rev: i64) {
        self.note(process, What::Heard { conversation: ROOM, rev });
    }

    /// Changes the final state of both nodes.
    fn at_the_end(&mut self, change: impl Fn(&mut Final)) {
        self.nodes.iter_mut().flatten().for_each(change);
    }

    fn found(&self) -> Vec<String> {
        let Self { events, created, nodes, screens, grace } = self;
        let created = std::slice::from_ref(created);
        check(&Evidence { events, created, nodes, screens, people: &PEOPLE, grace: *grace })
    }
}

type Break = fn(&mut Case);

/// Checks that each of these ways to break the case is found, under these words.
fn each_is_caught(case: fn() -> Case, ways: &[(&str, Break)]) {
    for (words, break_it) in ways {
        let mut case = case();
        break_it(&mut case);
        let found = case.found();
        assert!(
            found.iter().any(|violation| violation.contains(words)),
            "{words:?} was not caught: {found:?}"
        );
    }
}

#[test]
fn a_good_history_passes() {
    assert_eq!(Case::good().found(), Vec::<String>::new());
}

#[test]
fn each_way_to_break_it_is_caught() {
    let ways: [(&str, Break); 25] = [
        ("acknowledged and lost", |case| case.at_the_end(|end| drop(end.messages.remove(1)))),
        ("stored 2 times", |case| {
            case.at_the_end(|end| end.messages.push(message(2, 6, "b")));
        }),
        ("sent as", |case| case.at_the_end(|end| end.messages[1].content = "other".into())),
        ("in another conversation", |case| {
            case.at_the_end(|end| end.messages[1].conversation_id = ConversationId(2));
        }),
        ("never acknowledged nor unknown", |case| {
            case.at_the_end(|end| end.messages.push(message(2, 6, "f")));
        }),
        ("refused and stored", |case| {
            let (conversation, message, body) = (ROOM, id("b"), "b".to_owned());
            case.does(1, What::Send { conversation, message, body, seq: None }, Kind::Fail);
        }),
        ("accepted under an id", |case| case.does(0, What::Conflict { body: "d".into() }, Kind::Ok)),
        ("stored under an id", |case| case.does(0, What::Conflict { body: "c".into() }, Kind::Fail)),
        ("a repeat of", |case| {
            case.does(0, What::Repeat { conversation: ROOM, message: id("b"), seq: Some(3) }, Kind::Ok);
        }),
        ("deleted for everyone and still there", |case| {
            case.does(1, What::Delete { conversation: ROOM, message: id("b") }, Kind::Ok);
        }),
        ("deleted by nobody", |case| {
            case.events.retain(|event| !matches!(event.what, What::Delete { .. }));
        }),
        ("with a hole", |case| case.at_the_end(|end| (end.messages[3].seq, end.messages[3].rev) = (6, 6))),
        ("used twice", |case| case.at_the_end(|end| end.messages[0].rev = 2)),
        ("counts 6 changes", |case| case.at_the_end(|end| end.counter = 6)),
        ("not told in its order", |case| case.at_the_end(|end| end.messages.swap(1, 2))),
        ("and stored at", |case| case.sends(1, "c", 4)),
        ("placed before it", |case| {
            case.sends(0, "f", 1);
        }),
        ("before a read that did not show it", |case| case.reads(0, &[("a", 1, true), ("c", 5, false)])),
        ("before a read that showed it", |case| {
            case.reads(0, &[("a", 1, false), ("b", 2, false), ("c", 5, false)]);
        }),
        ("fell from 2 to 1", |case| {
            case.does(1, What::Cursor { conversation: ROOM, seq: Some(1) }, Kind::Ok);
        }),
        ("ends at 1", |case| case.at_the_end(|end| end.members[1].read_seq = 1)),
        ("went back", |case| case.note(1, What::Fell { conversation: ROOM, from: 5, to: 4 })),
        ("other members than its lines", |case| case.at_the_end(|end| end.members[2].left = false)),
        ("without being a member", |case| case.reads(2, &[("a", 1, true), ("b", 2, false), ("c", 5, false)])),
        ("another history", |case| case.nodes[1][0].counter = 4),
    ];
    each_is_caught(Case::good, &ways);
}

#[test]
fn what_comes_after_a_removal_is_caught() {
    let mut case = Case::good();
    case.note(2, What::Line { node: 0, socket: true });
    case.hears(2, 4);
    assert_eq!(case.found(), Vec::<String>::new(), "its own word");
    case.hears(2, 5);
    assert_eq!(case.found().len(), 1, "what was said after it");
    case.grace = Duration::from_secs(60);
    assert_eq!(case.found(), Vec::<String>::new(), "on its way from another node");

    let mut case = Case::good();
    case.hears(2, 3);
    assert!(case.found().iter().any(|violation| violation.contains("after it was told")));
    let mut case = Case::good();
    case.at_the_end(|end| end.messages[3].sender = person(3));
    assert!(case.found().iter().any(|violation| violation.contains("wrote")));
}

#[test]
fn a_wrong_screen_is_caught() {
    let ways: [(&str, Break); 6] = [
        ("is not the end", |case| drop(case.screens[0].rows.remove(1))),
        ("is not the end", |case| case.screens[0].rows.clear()),
        ("not in the list", |case| case.screens[0].listed = false),
        ("still wait", |case| case.screens[0].pending = 1),
        ("another newest", |case| case.screens[0].last = None),
        ("still shown", |case| case.screens[2].listed = true),
    ];
    each_is_caught(Case::good, &ways);
}
