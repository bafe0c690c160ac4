//! Sign-ins that are ended on a node: their connections end at once, without the periodic check.

use super::long_poll::Poller;
use super::world::{World, soon};
use crate::account::Identity;
use crate::connection::Scope;
use crate::store::AccountStore as _;
use crate::timings::Timings;
use crate::{Error, Limits};
use protocol::{CloseCode, ErrorCode, PollRequest};
use std::time::Duration;

/// A world whose periodic check never comes.
async fn world() -> World {
    let timings = Timings { revocation_check_interval: Duration::from_secs(3_600), ..Timings::default() };
    World::with(timings, Limits::default()).await
}

/// Ends the sign-in while a poll of it is held and a socket of it is open.
async fn ends(world: &World, who: &Identity, end: impl Future<Output = ()>) {
    let mut socket = world.connect(who, Scope::All).await;
    let mut poller = Poller::new(who);
    let first = poller.poll(&world.polls, who, false).await;
    let request = PollRequest {
        mailbox: Some(first.mailbox),
        batch: first.batch,
        wait: true,
        sync: poller.state.sync_request(),
    };
    let (held, ()) = tokio::join!(soon(world.polls.poll(who, request)), end);
    assert!(
        matches!(held, Err(Error::Refused(body)) if body.code == ErrorCode::NotAuthenticated),
        "the poll ends"
    );
    assert_eq!(soon(socket.closed()).await, CloseCode::NotAuthenticated);
}

#[tokio::test]
async fn v2_polls_and_sockets_end_with_a_sign_in_that_this_node_ended() {
    let world = world().await;
    world.person("anna").await;
    let accounts = world.chat.accounts();
    let (one, other) = (world.sign_in("anna").await, world.sign_in("anna").await);
    ends(&world, &one, async { accounts.sign_out(&one).await.expect("signed out") }).await;
    let kept = world.sign_in("anna").await;
    let end_others = async { accounts.end_other_sign_ins(&kept).await.expect("ended") };
    ends(&world, &other, end_others).await;
    // A web session is deleted by its own store.
    let web = world.sign_in("anna").await;
    let delete = async {
        world.store.end_sign_in(&web.sign_in, world.chat.now()).await.expect("deleted");
        accounts.sign_in_ended();
    };
    ends(&world, &web, delete).await;
    let everywhere = async { accounts.sign_out_everywhere(kept.person.id).await.expect("signed out") };
    ends(&world, &kept, everywhere).await;
}
