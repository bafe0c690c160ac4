//! Incoming webhooks, and their bots.

use super::world::{World, new_message, refusal, sent};
use crate::Result;
use crate::store::{
    GroupChange, MAX_INCOMING_WEBHOOKS, NewIncomingWebhook, NewWebhook, Outcome, TokenHash, WebhookEventKind,
    Write,
};
use protocol::{ClientId, ConversationId, ErrorCode, GroupEventKind, IncomingWebhook, Role, UserId};

async fn create(world: &World, by: UserId, group: ConversationId, token: &str) -> Result<IncomingWebhook> {
    let new = NewIncomingWebhook {
        by,
        conversation: group,
        name: "Build".to_owned(),
        username: format!("bot-{token}"),
        token: TokenHash::of(token),
        client_id: None,
    };
    match world.write(Write::CreateIncomingWebhook(new)).await? {
        Outcome::IncomingWebhookCreated { webhook, changed } => {
            assert_eq!(changed.messages[0].event.as_deref().unwrap().kind, GroupEventKind::Added);
            let member = &changed.members[0];
            assert_eq!(member.user, webhook.bot);
            assert!(member.read_seq > 1 << 50 && member.delivered_seq == member.read_seq, "{member:?}");
            Ok(*webhook)
        }
        other => panic!("not created: {other:?}"),
    }
}

pub(crate) async fn x3_a_repeated_request_makes_one_bot(world: &World) {
    let (ana, bo, _) = world.three().await;
    let group = world.group(&[ana, bo]).await;
    let id = ClientId::mint();
    let request = |name: &str, username: &str| {
        Write::CreateIncomingWebhook(NewIncomingWebhook {
            by: ana,
            conversation: group,
            name: name.to_owned(),
            username: username.to_owned(),
            token: TokenHash::of("of the request"),
            client_id: Some(id),
        })
    };
    let made = async |write| match world.write(write).await {
        Ok(Outcome::IncomingWebhookCreated { webhook, changed }) => (*webhook, changed.messages.len()),
        other => panic!("not created: {other:?}"),
    };
    let first = made(request("Build", "bot-one")).await;
    assert_eq!(first.1, 1);
    assert_eq!(made(request("Build", "bot-two")).await, (first.0.clone(), 0));
    assert_eq!(refusal(world.write(request("Test", "bot-three")).await), ErrorCode::IdConflict);
    assert_eq!(world.store.incoming_webhooks(ana, group).await.unwrap(), std::slice::from_ref(&first.0));
    revoke(world, ana, group, first.0.id).await.unwrap();
    assert_eq!(refusal(world.write(request("Build", "bot-four")).await), ErrorCode::NotFound);
}

async fn revoke(world: &World, by: UserId, conversation: ConversationId, webhook: i64) -> Result<bool> {
    match world.write(Write::RevokeIncomingWebhook { by, conversation, webhook }).await? {
        Outcome::IncomingWebhookRevoked(changed) => Ok(changed.removed.is_some()),
        other => panic!("not revoked: {other:?}"),
    }
}

pub(crate) async fn x3_a_bot_posts_to_its_group_until_it_is_revoked(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let group = world.group(&[ana, bo]).await;
    let store = &world.store;
    let webhook = create(world, ana, group, "one").await.unwrap();
    assert_eq!((webhook.bot.first_name.as_str(), webhook.by.id), ("Build", ana));
    assert!(webhook.bot.bot && !webhook.by.bot);
    let (bot, of) = store.incoming_webhook(TokenHash::of("one")).await.unwrap().expect("the bot");
    assert_eq!((&bot, of), (&webhook.bot, group));
    assert!(store.incoming_webhook(TokenHash::of("other")).await.unwrap().is_none());
    let (message, _) = sent(world.write(Write::Send(new_message(bot.id, group, "green"))).await);
    assert_eq!(message.sender, bot);
    let account = store.account(bot.id).await.unwrap().expect("an account");
    assert!(account.password_hash.is_empty() && !account.is_admin);
    let listed = store.incoming_webhooks(ana, group).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&webhook));

    // It is for owners and moderators of the group.
    assert_eq!(refusal(store.incoming_webhooks(bo, group).await), ErrorCode::Forbidden);
    assert_eq!(refusal(store.incoming_webhooks(cy, group).await), ErrorCode::NotFound);
    assert_eq!(refusal(create(world, bo, group, "two").await), ErrorCode::Forbidden);
    assert_eq!(refusal(create(world, cy, group, "two").await), ErrorCode::NotFound);
    assert_eq!(refusal(revoke(world, bo, group, webhook.id).await), ErrorCode::Forbidden);
    let direct = world.conversation(&[ana, bo]).await;
    assert_eq!(refusal(create(world, ana, direct, "two").await), ErrorCode::Forbidden);
    let other = world.group(&[ana, cy]).await;
    assert_eq!(refusal(revoke(world, ana, other, webhook.id).await), ErrorCode::NotFound, "of another group");
    world.change_group(ana, group, GroupChange::SetRole(bo, Role::Moderator)).await.unwrap();
    assert!(revoke(world, bo, group, webhook.id).await.unwrap());
    assert!(store.incoming_webhook(TokenHash::of("one")).await.unwrap().is_none());
    let late = world.write(Write::Send(new_message(bot.id, group, "red"))).await;
    assert_eq!(refusal(late), ErrorCode::NotFound);
    assert_eq!(refusal(revoke(world, bo, group, webhook.id).await), ErrorCode::NotFound);
}

pub(crate) async fn x3_a_bot_that_was_removed_or_suspended_posts_no_more(world: &World) {
    let (ana, bo, _) = world.three().await;
    let group = world.group(&[ana, bo]).await;
    let store = &world.store;
    let (one, two) =
        (create(world, ana, group, "one").await.unwrap(), create(world, ana, group, "two").await.unwrap());
    world.remove(ana, group, one.bot.id).await.unwrap();
    store.suspend(two.bot.id, true, world.now()).await.unwrap();
    for token in ["one", "two"] {
        assert!(store.incoming_webhook(TokenHash::of(token)).await.unwrap().is_none(), "{token}");
    }
    assert!(!revoke(world, ana, group, one.id).await.unwrap(), "no member any more");
    for n in 1..MAX_INCOMING_WEBHOOKS {
        create(world, ana, group, &format!("n{n}")).await.unwrap();
    }
    assert_eq!(refusal(create(world, ana, group, "more").await), ErrorCode::Conflict);
}

pub(crate) async fn x3_a_bot_neither_reads_nor_is_told(world: &World) {
    let (ana, bo, _) = world.three().await;
    let group = world.group(&[ana, bo]).await;
    let webhook = create(world, ana, group, "one").await.unwrap();
    let events = [WebhookEventKind::MessageUnread].into_iter().collect();
    let url = "https://shop.example/hook".to_owned();
    let new = NewWebhook { url, events, subject_kind: None, salt: [7; 16], repeatable_by: None };
    let hook = world.store.add_webhook(&new, world.now()).await.unwrap();
    world.store.webhook_switch().want(events);
    let sent = world.send(ana, group, "hello").await;
    let conversation = world.store.conversation(ana, group).await.unwrap();
    let bot = conversation.members.iter().find(|member| member.user == webhook.bot).expect("a member");
    assert!(bot.read_seq >= sent.seq, "by all members that read at all");
    let now = world.now();
    let run = world.store.claim_webhook_events(hook.id, now, now).await.unwrap().remove(0);
    let facts = world.store.webhook_facts(&run[0], now).await.unwrap().expect("facts");
    let names: Vec<_> = facts.recipients.iter().map(|one| one.person.id).collect();
    assert_eq!(names, [bo]);
}
