//! Groups: the limit of the system messages that their changes write; receipts in a group that grows.

use super::world::World;
use crate::account::Identity;
use crate::connection::Scope;
use crate::rate_limit::Quota;
use crate::service::GroupSettings;
use crate::timings::Timings;
use crate::{Error, Limits, LinkSettings, Result};
use protocol::limits::SMALL_CONVERSATION;
use protocol::{ClientId, ConversationId, ErrorCode, Role};
use serde_json::json;
use std::time::Duration;

/// A bucket of 5 sends that is not refilled during a test.
async fn few_sends() -> World {
    let limits = Limits { sends_per_second: 0.001, send_burst: 5, ..Limits::default() };
    World::with(Timings::default(), limits).await
}

fn left(world: &World, who: &Identity) -> i64 {
    // Whole tokens: nothing is refilled during a test.
    #[expect(clippy::cast_possible_truncation, reason = "at most 5")]
    let left = world.chat.rate_limiter().left(Quota::Sends, who.person.id.0).floor() as i64;
    left
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> ErrorCode {
    match result {
        Err(Error::Refused(body)) => body.code,
        other => panic!("{other:?}"),
    }
}

async fn renames(world: &World, who: &Identity, id: ConversationId, title: &str) -> Result<()> {
    let settings = GroupSettings { title: Some(title.to_owned()), ..GroupSettings::default() };
    world.chat.update_conversation(&who.person, id, settings, None).await
}

#[tokio::test]
async fn w5_joining_and_leaving_again_and_again_meets_the_limit_of_sends() {
    let world = few_sends().await;
    let (anna, ben, eve) = (world.person("anna").await, world.person("ben").await, world.person("eve").await);
    let id = world.conversation(&[&anna, &ben], Some("Open")).await;
    let token =
        world.chat.create_link(&anna.person, id, LinkSettings::default()).await.expect("a link").token;
    let me = eve.person.id;
    for _ in 0..2 {
        world.chat.join_by_link(&eve.person, &token).await.expect("joins");
        // A member stays one, and pays nothing.
        world.chat.join_by_link(&eve.person, &token).await.expect("is there");
        world.chat.remove_member(&eve.person, id, me, None).await.expect("leaves");
    }
    world.chat.join_by_link(&eve.person, &token).await.expect("the last token");
    let leaves = world.chat.remove_member(&eve.person, id, me, None).await;
    assert_eq!(code(leaves), ErrorCode::RateLimited);
    assert_eq!(code(world.chat.send(&eve.person, id, "hello", None, None).await), ErrorCode::RateLimited);
    assert_eq!(world.chat.conversation(&anna.person, id).await.expect("is there").rev, 5);
}

#[tokio::test]
async fn w5_each_system_message_costs_one_send_and_a_change_without_one_nothing() {
    let world = few_sends().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], Some("Club")).await;
    let all = GroupSettings {
        title: Some("Climbing".into()),
        hue: Some(3),
        emoji: Some("🧗".into()),
        ..GroupSettings::default()
    };
    let client_id = Some(ClientId::mint());
    for _ in 0..2 {
        // The second time, the repeat of a request.
        world.chat.update_conversation(&anna.person, id, all.clone(), client_id).await.expect("changes");
        assert_eq!(left(&world, &anna), 3, "a new title and a new picture");
    }
    renames(&world, &anna, id, "Climbing").await.expect("is so already");
    let ben_again = world.chat.add_members(&anna.person, id, &[ben.person.id], None).await;
    assert_eq!(ben_again.expect("is there"), []);
    assert_eq!(code(renames(&world, &ben, id, "Mine").await), ErrorCode::Forbidden);
    assert_eq!((left(&world, &anna), left(&world, &ben)), (3, 5));
    world.chat.set_role(&anna.person, id, ben.person.id, Role::Moderator, None).await.expect("sets");
    assert_eq!(left(&world, &anna), 2);
    // One token is not enough for two messages, and nothing is changed by half.
    renames(&world, &anna, id, "Bouldering").await.expect("renames");
    let both = world.chat.update_conversation(&anna.person, id, all, None).await;
    assert_eq!(code(both), ErrorCode::RateLimited);
    renames(&world, &anna, id, "Rocks").await.expect("the last token");
    assert_eq!(code(renames(&world, &anna, id, "Stones").await), ErrorCode::RateLimited);
    assert_eq!(
        world.chat.conversation(&ben.person, id).await.expect("is there").title.as_deref(),
        Some("Rocks")
    );
    // Other changes go on.
    world.chat.create_link(&anna.person, id, LinkSettings::default()).await.expect("a link");
}

#[tokio::test]
async fn t2_a_group_that_grows_by_a_link_gets_the_receipts_of_a_large_one() {
    // The receipts of large conversations never come.
    let timings = Timings { receipts_interval: Duration::from_secs(3_600), ..Timings::default() };
    let limits = Limits { sends_per_second: 1e6, send_burst: 1_000_000, ..Limits::default() };
    let world = World::with(timings, limits).await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], Some("Open")).await;
    let direct = world.conversation(&[&anna, &ben], None).await;
    let mut annas = world.connect(&anna, Scope::All).await;
    let reads = async |group| {
        world.send(&anna, group, "read this").await;
        world.chat.mark_read(&ben.person, group, None).await.expect("reads");
    };
    reads(id).await;
    assert_eq!(annas.until("message_read").await["conversation_id"], json!(id));
    let token =
        world.chat.create_link(&anna.person, id, LinkSettings::default()).await.expect("a link").token;
    for n in 2..=SMALL_CONVERSATION {
        let joiner = world.person(&format!("joiner{n}")).await;
        world.chat.join_by_link(&joiner.person, &token).await.expect("joins");
    }
    reads(id).await;
    // In the order of the reading.
    reads(direct).await;
    assert_eq!(annas.until("message_read").await["conversation_id"], json!(direct));
}
