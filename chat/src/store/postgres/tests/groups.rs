//! Changes of groups, by several nodes on one database.

use super::{SERVER, postgres, world};
use crate::Error;
use crate::store::contract::{World, new_message};
use crate::store::{
    AccountStore as _, Admission, GroupChange, GroupWrite, InvitationEnd, InvitationStore as _, LinkKey,
    NewLink, Postgres, Store as _, TokenHash, Write,
};
use protocol::{AddableBy, ConversationId, MembershipChange, PreferencesChange, Role, Timestamp, UserId};
use std::sync::Arc;
use std::time::Duration;

const DAY: i64 = 86_400_000_000;

/// Writes of all kinds that concern a group, its owner, its moderator and somebody else.
fn writes(id: ConversationId, round: usize, [owner, moderator, other]: [UserId; 3]) -> Vec<Write> {
    let group = |by, change| Write::Group(GroupWrite { by, conversation: id, change, client_id: None });
    let own = |user, change| Write::SetMembership { user, conversation: id, change };
    let (archived, pinned) = (Some(true), Some(Some(1)));
    let name = format!("{id} {round}");
    let token = TokenHash::of(&name);
    vec![
        group(owner, GroupChange::SetRole(moderator, Role::Moderator)),
        Write::CreateLink(NewLink {
            by: moderator,
            conversation: id,
            token,
            token_start: name,
            lifetime: DAY,
            uses: None,
            client_id: None,
        }),
        group(moderator, GroupChange::Add(vec![other])),
        Write::Join { user: other, conversation: id, by: Admission::Link(token) },
        own(moderator, MembershipChange { archived, ..MembershipChange::default() }),
        own(owner, MembershipChange { pinned, ..MembershipChange::default() }),
        Write::Send(new_message(owner, id, "@person1 @person2 hello")),
        group(owner, GroupChange::SetRole(moderator, Role::Member)),
        Write::RevokeLink { by: owner, conversation: id, link: LinkKey::Token(token) },
        group(owner, GroupChange::Remove(other)),
    ]
}

async fn commit(store: &Postgres, batch: &[Write], now: Timestamp) {
    for outcome in store.commit(batch, now).await.unwrap() {
        assert!(matches!(outcome, Ok(_) | Err(Error::Refused(_))), "{outcome:?}");
    }
}

async fn asks_to_be_asked(world: &World, user: UserId) {
    let change = PreferencesChange { addable_by: Some(AddableBy::Nobody), ..PreferencesChange::default() };
    world.write(Write::UpdatePreferences { user, change: Box::new(change) }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_change_groups_in_any_order_never_deadlock() {
    let (one, url) = postgres().await;
    let two = Arc::new(Postgres::open_url(&url).await.unwrap());
    let world = world(&one);
    let mut people = Vec::new();
    for n in 0..5 {
        people.push(world.person(&format!("person{n}")).await);
    }
    asks_to_be_asked(&world, people[3]).await;
    asks_to_be_asked(&world, people[4]).await;
    let mut groups = Vec::new();
    for _ in 0..3 {
        groups.push(world.group(&people[..3]).await);
    }
    let rounds = |at: usize, store: Arc<Postgres>| {
        let (people, groups) = (people.clone(), groups.clone());
        async move {
            for round in 0..20 {
                let mut batch = Vec::new();
                for n in 0..groups.len() {
                    let turn = (round + n + at) % 2;
                    let roles = [people[0], people[1 + turn], people[3 + turn]];
                    batch.extend(writes(groups[(n + at) % groups.len()], 2 * round + at, roles));
                }
                if (round + at).is_multiple_of(2) {
                    batch.reverse();
                }
                // Who declined is invited again two days later.
                let now = Timestamp((2 * round + at) as i64 * 2 * DAY);
                commit(&store, &batch, now).await;
                let answers = store.invitations(people[3 + at]).await.unwrap();
                let answers = answers.into_iter().map(|invitation| Write::EndInvitation {
                    user: people[3 + at],
                    invitation: invitation.id,
                    end: InvitationEnd::Declined,
                });
                commit(&store, &answers.collect::<Vec<_>>(), now).await;
                for suspended in [true, false] {
                    store.suspend(people[1 + at], suspended, now).await.unwrap();
                }
            }
        }
    };
    tokio::join!(rounds(0, Arc::clone(&one)), rounds(1, Arc::clone(&two)));
    for id in groups {
        let page = one.page(people[0], id, None, 1_000).await.unwrap();
        let seqs: Vec<_> = page.messages.iter().map(|message| message.seq).collect();
        assert_eq!(seqs, (1..=page.as_of).collect::<Vec<_>>(), "no gap, whoever wrote");
    }
    // The server counts a deadlock when the connection that met it ends, at the latest.
    one.close().await.unwrap();
    two.close().await.unwrap();
    let database = url.rsplit('/').next().unwrap();
    let ask = |what: &str| SERVER.ask("postgres", &what.replace("$1", &format!("'{database}'"))).unwrap();
    while ask("SELECT count(*) FROM pg_stat_activity WHERE datname = $1") != "0" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(ask("SELECT deadlocks FROM pg_stat_database WHERE datname = $1"), "0");
}
