//! A group whose members, roles and settings change.

use super::*;

const TITLE: &str = "The crew";

/// The first person adds the third and makes the second an owner, who removes the third and adds it again after the first
/// restricted the history. The second names the group.
fn group() -> Case {
    let mut case = Case::of(created(&PEOPLE[1..2]));
    let to_owner = Change::SetRole { user: PEOPLE[1], role: Role::Owner };
    let restrict = Change::SetHistory { history: History::FromJoining };
    case.sends(0, "a", 1);
    case.changes(0, Change::Add { user: PEOPLE[2] }, Kind::Ok);
    case.changes(0, to_owner, Kind::Ok);
    case.sees(2, 3, &[(1, Role::Owner), (2, Role::Owner), (3, Role::Member)]);
    case.sends(2, "b", 4);
    case.changes(0, restrict, Kind::Info);
    case.changes(1, Change::Remove { user: PEOPLE[2] }, Kind::Ok);
    case.note(2, What::Gone { conversation: ROOM });
    case.sends(0, "c", 7);
    case.changes(1, Change::Add { user: PEOPLE[2] }, Kind::Ok);
    case.hears(2, 9);
    case.changes(1, Change::Rename { title: TITLE.into() }, Kind::Ok);
    case.sends(2, "d", 10);
    case.reads(2, &[("5", 8, false), ("6", 9, false), ("d", 10, false)]);

    let about = |kind| GroupEvent::about(kind, vec![person(3)]);
    let role = Some(Role::Owner);
    let made_owner = GroupEvent { role, ..GroupEvent::about(GroupEventKind::RoleChanged, vec![person(2)]) };
    let history = Some(History::FromJoining);
    let restricted = GroupEvent { history, ..GroupEvent::new(GroupEventKind::HistoryChanged) };
    let messages = vec![
        message(1, 1, "a"),
        line(1, 2, "1", about(GroupEventKind::Added)),
        line(1, 3, "2", made_owner),
        message(3, 4, "b"),
        line(1, 5, "3", restricted),
        line(2, 6, "4", about(GroupEventKind::Removed)),
        message(1, 7, "c"),
        line(2, 8, "5", about(GroupEventKind::Added)),
        line(2, 9, "6", renamed(TITLE)),
        message(3, 10, "d"),
    ];
    let members = [(1, Role::Owner, 0), (2, Role::Owner, 3), (3, Role::Member, 8)];
    let members = members.map(|(user, role, rev)| member(user, role, rev, false)).to_vec();
    let (title, history) = (Some(TITLE.into()), History::FromJoining);
    case.ends(Final { conversation: ROOM, counter: 10, members, title, history, messages }, &[0, 0, 7]);
    case
}

fn renamed(title: &str) -> GroupEvent {
    GroupEvent { title: Some(title.into()), ..GroupEvent::new(GroupEventKind::Renamed) }
}

impl Case {
    fn sees(&mut self, process: usize, rev: i64, members: &[(i64, Role)]) {
        let members = members.iter().map(|(user, role)| (UserId(*user), *role)).collect();
        self.note(process, What::Members { conversation: ROOM, rev, members });
    }

    /// Both nodes end with another line.
    fn tells(&mut self, user: i64, event: GroupEvent) {
        self.at_the_end(|end| {
            end.counter += 1;
            let line = line(user, end.counter, "7", event.clone());
            end.messages.push(line);
        });
    }
}

#[test]
fn a_good_history_of_a_group_passes() {
    let mut case = group();
    case.changes(0, Change::Add { user: PEOPLE[1] }, Kind::Ok);
    case.changes(0, Change::Rename { title: "Never stored".into() }, Kind::Info);
    case.changes(2, Change::Rename { title: "Refused".into() }, Kind::Fail);
    assert_eq!(case.found(), Vec::<String>::new());
}

#[test]
fn each_way_to_break_a_group_is_caught() {
    let ways: [(&str, Break); 20] = [
        ("without an owner at 3", |case| case.sees(1, 3, &[(1, Role::Moderator), (2, Role::Member)])),
        ("ends without an owner", |case| {
            case.at_the_end(|end| end.members.iter_mut().for_each(|member| member.role = Role::Moderator));
        }),
        ("the group has no owner", |case| {
            let role = Some(Role::Member);
            for user in [1, 2] {
                let about = GroupEvent::about(GroupEventKind::RoleChanged, vec![person(user)]);
                case.tells(user, GroupEvent { role, ..about });
            }
        }),
        ("other members than its lines", |case| {
            case.at_the_end(|end| end.members[2].role = Role::Moderator);
        }),
        ("another title or history", |case| case.at_the_end(|end| end.title = None)),
        ("another title or history", |case| case.at_the_end(|end| end.history = History::Whole)),
        ("client 1 saw other members", |case| {
            case.sees(1, 7, &[(1, Role::Owner), (2, Role::Owner), (3, Role::Member)]);
        }),
        ("took effect twice", |case| case.tells(2, renamed(TITLE))),
        ("was refused, or", |case| {
            case.changes(1, Change::Rename { title: "Other".into() }, Kind::Fail);
            case.tells(2, renamed("Other"));
        }),
        ("was refused, or", |case| {
            // It was requested too late.
            case.at_the_end(|end| end.messages[1].event = Some(Box::new(renamed("Early"))));
            case.changes(0, Change::Rename { title: "Early".into() }, Kind::Ok);
        }),
        ("without a line", |case| case.changes(0, Change::Rename { title: "Lost".into() }, Kind::Ok)),
        ("without a line", |case| {
            case.changes(0, Change::SetRole { user: PEOPLE[2], role: Role::Owner }, Kind::Ok);
        }),
        ("a repeat of the acknowledged request", |case| {
            let request = ClientId::mint();
            case.does(0, What::RepeatChange { conversation: ROOM, request }, Kind::Fail);
        }),
        ("was not permitted", |case| case.tells(3, renamed("Not mine"))),
        ("it fits no state", |case| {
            case.tells(1, GroupEvent::about(GroupEventKind::Added, vec![person(2)]));
        }),
        ("heard of change 7", |case| case.hears(2, 7)),
        ("without being a member", |case| case.at_the_end(|end| end.messages[6].sender = person(3))),
        ("read a page of conversation 1 without", |case| {
            case.reads(2, &[("c", 7, false), ("5", 8, false), ("6", 9, false), ("d", 10, false)]);
        }),
        ("place 9 before a read that did not", |case| {
            case.reads(2, &[("5", 8, false), ("d", 10, false)]);
        }),
        ("place 2 before a read that did not", |case| {
            let mut rows = [("a", 1), ("2", 3), ("b", 4), ("3", 5), ("4", 6), ("c", 7), ("5", 8)].to_vec();
            rows.extend([("6", 9), ("d", 10)]);
            let rows: Vec<_> = rows.into_iter().map(|(body, seq)| (body, seq, false)).collect();
            case.reads(0, &rows);
        }),
    ];
    each_is_caught(group, &ways);
}

#[test]
fn a_wrong_screen_of_a_group_is_caught() {
    let ways: [(&str, Break); 4] = [
        ("is not the end", |case| {
            let hidden = case.nodes[0][0].messages[6].clone();
            case.screens[2].rows.insert(0, hidden);
        }),
        ("other members than the database", |case| {
            case.screens[1].members.remove(&PEOPLE[2]);
        }),
        ("another title or history", |case| case.screens[1].title = None),
        ("another title or history", |case| case.screens[1].history = History::Whole),
    ];
    each_is_caught(group, &ways);
}
