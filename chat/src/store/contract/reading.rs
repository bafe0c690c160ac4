//! Pages, changes, lists, people.

use super::world::{World, new_message, refusal};
use crate::store::{Privacy, UserCounters, Write};
use protocol::limits::MAX_ANSWER;
use protocol::{
    ConversationId, ErrorCode, MessageDeleted, NewMessage, OpenCursors, ServerFrame, SyncRequest, UserId,
};

/// Creates people with the names p0, p1, …
async fn crowd(world: &World, count: usize) -> Vec<UserId> {
    let mut people = Vec::new();
    for n in 0..count {
        people.push(world.person(&format!("p{n}")).await);
    }
    people
}

pub(crate) async fn pages_go_back_to_the_beginning(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let empty = world.store.page(ana, id, None, 50).await.unwrap();
    assert_eq!((empty.messages.len(), empty.as_of, empty.at_start), (0, 0, true));
    let all = world.send_many(ana, id, 120).await;
    let mut before = None;
    let mut pages = Vec::new();
    loop {
        let page = world.store.page(bo, id, before, 50).await.unwrap();
        assert_eq!(page.as_of, 120);
        before = page.messages.first().map(|message| message.seq);
        pages.splice(0..0, page.messages);
        if page.at_start {
            break;
        }
    }
    assert_eq!(pages, all);
    let exact = world.store.page(bo, id, Some(51), 50).await.unwrap();
    assert_eq!((exact.messages.as_slice(), exact.at_start), (&all[..50], true));
    assert!(!world.store.page(bo, id, Some(52), 50).await.unwrap().at_start);
    assert!(world.store.page(bo, id, Some(1), 50).await.unwrap().messages.is_empty());
}

pub(crate) async fn pages_go_on_to_the_end(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let empty = world.store.page_after(ana, id, 0, 50).await.unwrap();
    assert_eq!((empty.messages.len(), empty.as_of, empty.at_end), (0, 0, true));
    let all = world.send_many(ana, id, 120).await;
    let (mut after, mut pages) = (0, Vec::new());
    loop {
        let page = world.store.page_after(bo, id, after, 50).await.unwrap();
        assert_eq!((page.as_of, page.at_start), (120, false));
        after = page.messages.last().map_or(after, |message| message.seq);
        pages.extend(page.messages);
        if page.at_end {
            break;
        }
    }
    assert_eq!(pages, all);
    let exact = world.store.page_after(bo, id, 70, 50).await.unwrap();
    assert_eq!((exact.messages.as_slice(), exact.at_end), (&all[70..], true));
    assert!(!world.store.page_after(bo, id, 69, 50).await.unwrap().at_end);
    assert!(world.store.page(bo, id, None, 50).await.unwrap().at_end);
    assert!(!world.store.page(bo, id, Some(120), 50).await.unwrap().at_end);
    world.hide(bo, id, all[72].id, true).await.unwrap();
    let page = world.store.page_after(bo, id, 70, 3).await.unwrap();
    let seqs: Vec<_> = page.messages.iter().map(|message| message.seq).collect();
    assert_eq!((seqs.as_slice(), page.at_end), ([71, 72, 74].as_slice(), false));
    assert_eq!(refusal(world.store.page_after(cy, id, 0, 50).await), ErrorCode::NotFound);
}

pub(crate) async fn a_page_passes_over_hidden_messages(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let all = world.send_many(ana, id, 10).await;
    for message in &all[4..8] {
        world.hide(bo, id, message.id, true).await.unwrap();
    }
    let page = world.store.page(bo, id, None, 4).await.unwrap();
    let seqs: Vec<_> = page.messages.iter().map(|message| message.seq).collect();
    assert_eq!((seqs.as_slice(), page.at_start), ([3, 4, 9, 10].as_slice(), false));
}

pub(crate) async fn changes_tell_what_is_missing(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let all = world.send_many(ana, id, 10).await;
    let tombstone = world.delete(ana, id, all[1].id).await.unwrap().unwrap();
    world.hide(bo, id, all[8].id, true).await.unwrap();
    let changes = world.store.changes(bo, id, 7).await.unwrap();
    assert_eq!(changes.rows, [all[7].clone(), all[9].clone(), tombstone.clone()]);
    assert_eq!((changes.after, changes.cursor, changes.more), (7, 11, false));
    assert!(changes.reset.is_none());
    assert_eq!(changes.members.len(), 2);
    assert_eq!(world.store.changes(bo, id, 10).await.unwrap().rows, [tombstone]);
    let nothing = world.store.changes(bo, id, 11).await.unwrap();
    assert_eq!((nothing.rows.len(), nothing.cursor, nothing.more), (0, 11, false));
    assert_eq!(nothing.members.len(), 2);
}

pub(crate) async fn changes_come_in_pieces(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let all = world.send_many(ana, id, 450).await;
    for message in [&all[0], &all[200], &all[449]] {
        world.delete(ana, id, message.id).await.unwrap();
    }
    for message in &all[100..150] {
        world.hide(bo, id, message.id, true).await.unwrap();
    }
    let mut cursor = 1;
    let mut revs = Vec::new();
    loop {
        let changes = world.store.changes(bo, id, cursor).await.unwrap();
        assert!(changes.reset.is_none() && changes.cursor > cursor && changes.rows.len() <= 200);
        revs.extend(changes.rows.iter().map(|message| message.rev));
        cursor = changes.cursor;
        if !changes.more {
            break;
        }
    }
    let unchanged = (2..=450).filter(|seq| ![1, 201, 450].contains(seq) && !(101..=150).contains(seq));
    assert_eq!(revs, unchanged.chain(451..=453).collect::<Vec<_>>());
    assert_eq!(cursor, 453);
}

pub(crate) async fn changes_reset_when_too_far_behind(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let empty = world.store.changes(ana, id, 0).await.unwrap();
    assert_eq!(empty.reset.map(|page| (page.messages.len(), page.as_of, page.at_start)), Some((0, 0, true)));
    let all = world.send_many(ana, id, 510).await;
    for after in [0, -5, 9, 511] {
        let changes = world.store.changes(bo, id, after).await.unwrap();
        let page = changes.reset.unwrap();
        assert_eq!((page.messages.as_slice(), page.as_of, page.at_start), (&all[460..], 510, false));
        assert_eq!(
            (changes.rows.len(), changes.cursor, changes.more, changes.members.len()),
            (0, 510, false, 2)
        );
    }
    let changes = world.store.changes(bo, id, 10).await.unwrap();
    assert!(changes.reset.is_none() && changes.more);
    assert_eq!((changes.rows.as_slice(), changes.cursor), (&all[10..210], 210));
}

pub(crate) async fn changes_in_a_large_conversation_tell_few_members(world: &World) {
    let people = crowd(world, 34).await;
    let id = world.group(&people).await;
    world.send(people[1], id, "hello all").await;
    let told = async |after| {
        let members = world.store.changes(people[5], id, after).await.unwrap().members;
        members.iter().map(|member| member.user.id).collect::<Vec<_>>()
    };
    assert_eq!(told(1).await, [people[5]]);
    world.remove(people[0], id, people[9]).await.unwrap();
    assert_eq!(told(1).await, [people[5], people[9]]);
    assert_eq!(told(2).await, [people[5]]);
    // Thirty-two are left: few enough to tell all, those who left included.
    world.remove(people[0], id, people[8]).await.unwrap();
    assert_eq!(told(3).await, people);
}

pub(crate) async fn frames_tell_the_hub_what_it_missed(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo, cy]).await;
    let all = world.send_many(bo, id, 4).await;
    let (said, member, _) = world.remove(ana, id, cy).await.unwrap();
    let tombstone = world.delete(bo, id, all[0].id).await.unwrap().unwrap();
    let fourth = world.delete(bo, id, all[3].id).await.unwrap().unwrap();
    let deleted = |message: &protocol::Message| {
        ServerFrame::MessageDeleted(MessageDeleted {
            conversation_id: id,
            message_id: message.id,
            rev: Some(message.rev),
            user_rev: None,
            message: Some(message.clone()),
        })
    };
    let new = |message: &protocol::Message, members| {
        ServerFrame::NewMessage(NewMessage {
            conversation_id: id,
            rev: message.rev,
            message: message.clone(),
            members,
        })
    };
    let frames = world.store.frames_after(id, 2).await.unwrap();
    let expected = [new(&all[2], vec![]), new(&said, vec![member]), deleted(&tombstone), deleted(&fourth)];
    assert_eq!(frames, expected);
    assert_eq!(world.store.frames_after(id, 6).await.unwrap(), expected[3..]);
    assert_eq!(world.store.frames_after(id, 7).await.unwrap(), []);
    assert_eq!(world.store.frames_after(ConversationId(987_654), 0).await.unwrap(), []);
    world.send_many(ana, id, 250).await;
    let frames = world.store.frames_after(id, 7).await.unwrap();
    let revs: Vec<_> = frames.iter().filter_map(|frame| frame.moves().map(|(_, rev)| rev)).collect();
    assert_eq!(revs, (8..208).collect::<Vec<_>>());
}

pub(crate) async fn the_list_is_sorted_by_activity(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let first = world.conversation(&[ana, bo]).await;
    let second = world.conversation(&[ana, cy]).await;
    let third = world.group(&[ana, bo, cy]).await;
    let order = async || {
        let list = world.store.conversations(ana).await.unwrap();
        for conversation in &list {
            assert_eq!(world.store.conversation(ana, conversation.id).await.unwrap(), *conversation);
        }
        list.iter().map(|conversation| conversation.id).collect::<Vec<_>>()
    };
    assert_eq!(order().await, [third, second, first]);
    let message = world.send(bo, first, "me first").await;
    assert_eq!(order().await, [first, third, second]);
    assert_eq!(world.store.conversations(ana).await.unwrap()[0].last_message, Some(message));
    world.send(cy, second, "no, me").await;
    assert_eq!(order().await, [second, first, third]);
}

pub(crate) async fn a_list_shows_at_most_32_members(world: &World) {
    let people = crowd(world, 40).await;
    let id = world.group(&people).await;
    let me = people[39];
    let of_list = world.store.conversations(me).await.unwrap().remove(0);
    assert_eq!((of_list.members.len(), of_list.member_count), (32, 40));
    assert!(of_list.members.iter().any(|member| member.user.id == me));
    let alone = world.store.conversation(me, id).await.unwrap();
    assert_eq!((alone.members.len(), alone.member_count), (40, 40));
    // Current members come before former ones.
    world.remove(people[0], id, people[3]).await.unwrap();
    let of_list = world.store.conversations(me).await.unwrap().remove(0);
    assert_eq!((of_list.members.len(), of_list.member_count), (32, 39));
    assert!(of_list.members.iter().all(|member| !member.left));
}

pub(crate) async fn sent_gives_the_hash(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let new = new_message(ana, id, "hello");
    assert!(world.store.sent(ana, new.client_id).await.unwrap().is_none());
    world.write(Write::Send(new.clone())).await.unwrap();
    let (message, hash) = world.store.sent(ana, new.client_id).await.unwrap().unwrap();
    assert_eq!((message.client_id, hash), (new.client_id, new.hash));
    assert_eq!(world.store.page(bo, id, None, 1).await.unwrap().messages, [message]);
    assert!(world.store.sent(bo, new.client_id).await.unwrap().is_none());
}

pub(crate) async fn acquaintances_are_those_of_small_conversations(world: &World) {
    let people = crowd(world, 36).await;
    world.group(&people[..33]).await;
    assert_eq!(world.store.contacts(people[0]).await.unwrap(), []);
    world.conversation(&[people[0], people[35]]).await;
    world.group(&[people[34], people[35], people[0]]).await;
    let now = world.now();
    world.store.seen(&[people[35], people[1]], now).await.unwrap();
    world.store.seen(&[people[35]], protocol::Timestamp(now.0 - 1)).await.unwrap();
    let known: Vec<_> = world.store.contacts(people[0]).await.unwrap();
    let known: Vec<_> = known.iter().map(|(person, seen)| (person.id, *seen)).collect();
    assert_eq!(known, [(people[34], None), (people[35], Some(now))]);
    world.store.seen(&[], now).await.unwrap();
}

pub(crate) async fn people_are_found_by_the_beginnings_of_words(world: &World) {
    let me = world.person("me").await;
    let ana = world.named("ana_1", "Ana Maria", "Silva").await;
    let eva = world.named("Eva", "Éva", "Šilhavá").await;
    let odd = world.named("o.dd", "100%", "").await;
    world.named("gone", "Ana", "").await;
    let gone = world.store.account_by_name("gone").await.unwrap().unwrap().person.id;
    world.store.suspend(gone, true, world.now()).await.unwrap();
    let found = async |query: &str| {
        let people = world.store.people(me, query, 10).await.unwrap();
        people.iter().map(|person| person.id).collect::<Vec<_>>()
    };
    assert_eq!(found("AN").await, [ana]);
    assert_eq!(found("maria").await, [ana]);
    assert_eq!(found("sil ana").await, [ana]);
    assert_eq!(found("ŠIL").await, [ana, eva]);
    assert_eq!(found("éva").await, [eva]);
    assert_eq!(found("me").await, []);
    assert_eq!(found("a_1").await, []);
    assert_eq!(found("ana_").await, [ana]);
    assert_eq!(found("anax1").await, []);
    assert_eq!(found("100%").await, [odd]);
    for nothing in ["%", "_", "\\", "%n%", "nobody", "' OR 1=1 --"] {
        assert_eq!(found(nothing).await, [], "{nothing}");
    }
    assert_eq!(found("").await, [ana, eva, odd]);
    assert_eq!(world.store.people(me, "", 2).await.unwrap().len(), 2);
    let exact = world.person("an").await;
    assert_eq!(found("an").await, [exact, ana]);
}

pub(crate) async fn what_nodes_share_is_what_came_first(world: &World) {
    let asked: Vec<String> = (0..20).map(|n| format!("from {n}")).collect();
    let all = asked.iter().map(|fresh| world.store.shared("secret", fresh));
    let kept = futures::future::join_all(all).await.into_iter().map(Result::unwrap).collect::<Vec<_>>();
    assert!(asked.contains(&kept[0]) && kept.iter().all(|value| *value == kept[0]), "{kept:?}");
    assert_eq!(world.store.shared("id", "another").await.unwrap(), "another");
    assert_eq!(world.store.shared("secret", "late").await.unwrap(), kept[0]);
}

pub(crate) async fn counters_and_members(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let first = world.conversation(&[ana, bo]).await;
    let second = world.conversation(&[bo, cy]).await;
    world.send_many(ana, first, 3).await;
    let nowhere = ConversationId(987_654);
    let mut counters = world.store.counters(&[second, nowhere, first]).await.unwrap();
    counters.sort_unstable();
    assert_eq!(counters, [(first, 3), (second, 0)]);
    assert_eq!(world.store.counters(&[]).await.unwrap(), []);
    let mut user_counters = world.store.user_counters(bo).await.unwrap();
    user_counters.counters.sort_unstable();
    assert_eq!((user_counters.user_rev, user_counters.counters), (2, vec![(first, 3), (second, 0)]));
    let alone = world.person("dee").await;
    let none = UserCounters { user_rev: 0, privacy: Privacy::default(), counters: Vec::new() };
    assert_eq!(world.store.user_counters(alone).await.unwrap(), none);
    assert_eq!(refusal(world.store.user_counters(UserId(987_654)).await), ErrorCode::NotFound);
    assert_eq!(world.store.member_ids(second).await.unwrap(), [bo, cy]);
    assert_eq!(world.store.member_ids(nowhere).await.unwrap(), []);
    for (user, conversation, expected) in [(bo, second, true), (ana, second, false), (ana, nowhere, false)] {
        assert_eq!(world.store.is_member(user, conversation).await.unwrap(), expected);
    }
    assert_eq!(world.batch(vec![]).await.len(), 0);
    assert_eq!(refusal(world.store.conversation(ana, second).await), ErrorCode::NotFound);
    world.store.ready().await.unwrap();
}

pub(crate) async fn v6_changes_and_sync_are_bounded_by_bytes(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let text = "x".repeat(400_000);
    world.send(ana, id, "first").await;
    for _ in 0..12 {
        world.send(ana, id, &text).await;
    }
    let (mut cursor, mut seqs, mut parts) = (1, Vec::new(), 0);
    loop {
        let changes = world.store.changes(bo, id, cursor).await.unwrap();
        let bytes = serde_json::to_vec(&changes).unwrap().len();
        assert!(bytes <= MAX_ANSWER / 2, "{bytes} bytes");
        seqs.extend(changes.rows.iter().map(|message| message.seq));
        (cursor, parts) = (changes.cursor, parts + 1);
        if !changes.more {
            break;
        }
    }
    assert_eq!(seqs, (2..=13).collect::<Vec<_>>());
    assert_eq!((cursor, parts), (13, 3));

    let mut open = OpenCursors::default();
    for others in [&[cy][..], &[bo, cy]] {
        for _ in 0..3 {
            let id = world.group(&[&[ana], others].concat()).await;
            for _ in 0..3 {
                world.send(ana, id, &text).await;
            }
            open.0.insert(id, 0);
        }
    }
    let mut asked = 0;
    while !open.0.is_empty() {
        let request = SyncRequest { user_rev: 0, list: false, open: open.clone() };
        let rows = world.store.sync(ana, &request).await.unwrap();
        let bytes = serde_json::to_vec(&rows.open).unwrap().len();
        assert!(bytes <= MAX_ANSWER, "{bytes} bytes");
        assert_eq!(rows.gone, []);
        assert!(!rows.open.is_empty(), "it goes on");
        for changes in &rows.open {
            open.0.remove(&changes.conversation_id);
        }
        asked += 1;
    }
    assert_eq!(asked, 3);
}

pub(crate) async fn v23_pages_of_the_list_give_each_conversation_once_while_rows_move(world: &World) {
    let people = crowd(world, 14).await;
    let (me, others) = (people[0], &people[1..]);
    let mut talks = Vec::new();
    for other in others {
        let id = world.conversation(&[me, *other]).await;
        world.send(*other, id, "hello").await;
        talks.push(id);
    }
    // Hidden messages do not move a conversation between pages.
    let last = world.send(others[3], talks[3], "hidden").await;
    world.hide(me, talks[3], last.id, true).await.unwrap();
    // Never in the list of this person.
    world.opened(&[others[0], others[1]]).await;

    let (first, next) = world.store.conversation_page(me, None, None, None, 4).await.unwrap();
    let ids = |page: &[protocol::Conversation]| page.iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(ids(&first), [talks[3], talks[12], talks[11], talks[10]]);
    for conversation in &first {
        let mut one = world.store.conversation(me, conversation.id).await.unwrap();
        one.members.sort_unstable_by_key(|member| member.user.id);
        assert_eq!(one, *conversation);
    }
    // One that was read moves, and so do some that were not: by one message, and by many.
    world.send(others[11], talks[11], "again").await;
    world.send(others[5], talks[5], "now I").await;
    world.send_many(others[2], talks[2], 40).await;
    world.conversation(&[me, world.person("newcomer").await]).await;
    let (mut all, mut next) = (ids(&first), next);
    while let Some(after) = next {
        let (page, then) = world.store.conversation_page(me, None, None, Some(after), 4).await.unwrap();
        assert!(page.len() <= 4 && !page.is_empty());
        all.extend(ids(&page));
        next = then;
    }
    let order = [3, 12, 11, 10, 9, 8, 7, 6, 5, 4, 2, 1, 0];
    assert_eq!(all, order.map(|at| talks[at]), "the order as of the first page");
    let (fresh, _) = world.store.conversation_page(me, None, None, None, 4).await.unwrap();
    assert_eq!(ids(&fresh)[1..], [talks[2], talks[5], talks[11]]);
    assert_eq!(world.store.conversation_page(others[5], None, None, None, 4).await.unwrap().1, None);
}
