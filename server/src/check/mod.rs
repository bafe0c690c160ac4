//! `rapport check`: two people who are made for it talk through the address that browsers use, proxies and all.

mod report;
mod web;

use crate::config::{Config, Listen};
use crate::node::{Fault, Ground};
use chat::account::{Accounts, Registration};
use protocol::{ClientFrame, Conversation, PollAnswer, PollRequest, ServerFrame, SyncRequest, UserId};
use report::{Report, Wrong};
use serde_json::json;
use std::process::ExitCode;
use web::{Socket, Web};

/// Walks the paths and tells of each step. Fails when one does.
pub(crate) async fn check(config: &Config, url: Option<String>) -> ExitCode {
    let mut report = Report::default();
    let Some(url) = url.or_else(|| address(config)) else {
        eprintln!("rapport: say which address browsers use: rapport check https://chat.example.org");
        return ExitCode::from(2);
    };
    println!("Checking {url}");
    let outcome = walk(config, &url, &mut report).await;
    if let Err(wrong) = outcome {
        report.failed(&wrong);
        return ExitCode::FAILURE;
    }
    println!("All is well.");
    ExitCode::SUCCESS
}

fn address(config: &Config) -> Option<String> {
    match (&config.public_url, &config.listen) {
        (Some(public), _) => Some(public.to_string()),
        (None, Listen::Tcp(address)) if address.ip().is_unspecified() => {
            Some(format!("http://127.0.0.1:{}", address.port()))
        }
        (None, Listen::Tcp(address)) => Some(format!("http://{address}")),
        (None, Listen::Unix(_)) => None,
    }
}

async fn walk(config: &Config, url: &str, report: &mut Report) -> Result<(), Wrong> {
    let web = Web::new(url)?;
    report.begin("The server answers");
    web.get("/healthz").await?;
    report.begin("Its database answers");
    web.get("/readyz").await?;

    report.begin("Two people are made for this");
    let ground = Ground::open(config).await.map_err(|fault| beside(&fault))?;
    let accounts = ground.accounts(config);
    let anna = Guest::make(&accounts).await.map_err(|fault| beside(&fault))?;
    let made = Guest::make(&accounts).await.map_err(|fault| beside(&fault));
    let talked = match &made {
        Ok(ben) => talk(&web, &anna, ben, report).await,
        Err(_) => Ok(()),
    };
    // Whatever happened, nothing of it stays.
    let mut gone = ground.store.delete_account(anna.id).await;
    if let Ok(ben) = &made {
        gone = gone.and(ground.store.delete_account(ben.id).await);
    }
    made?;
    talked?;
    report.begin("The two are gone again");
    gone.map_err(|error| beside(&error.into()))?;
    report.done();
    Ok(())
}

async fn talk(web: &Web, anna: &Guest, ben: &Guest, report: &mut Report) -> Result<(), Wrong> {
    report.begin("The server knows them, and they open a conversation");
    let body = json!({ "participants": [ben.username] });
    let room: Conversation = web.post("/api/conversations", &anna.token, &body).await?;
    let path = format!("/ws/chat/{}/", room.id);

    report.begin("A socket opens");
    let mut annas = Socket::open(web, &path, &anna.token).await?;
    let mut bens = Socket::open(web, &path, &ben.token).await?;

    report.begin("A message is sent, kept and arrives");
    let content = "Is this line free?".to_owned();
    annas
        .send(&ClientFrame::ChatMessage {
            conversation_id: None,
            content: content.clone(),
            client_id: None,
            reply_to: None,
        })
        .await?;
    let message = bens
        .wait("the message", |frame| match frame {
            ServerFrame::NewMessage { message, .. } if message.content == content => Some(message.id),
            _ => None,
        })
        .await?;

    report.begin("Typing is seen");
    bens.send(&ClientFrame::Typing { conversation_id: None, is_typing: true }).await?;
    let typing = |frame: &ServerFrame| {
        matches!(frame, ServerFrame::Typing { is_typing: true, user_id, .. } if *user_id == ben.id)
            .then_some(())
    };
    annas.wait("the typing", typing).await?;

    report.begin("Reading is seen");
    bens.send(&ClientFrame::MarkRead { conversation_id: None, message_id: Some(message) }).await?;
    let read = |frame: &ServerFrame| {
        matches!(frame, ServerFrame::MessageRead { message_id, .. } if *message_id == message).then_some(())
    };
    annas.wait("the receipt", read).await?;

    report.begin("Polling works where sockets do not");
    let ask = |mailbox, batch, wait| PollRequest {
        mailbox,
        batch,
        wait,
        sync: SyncRequest { list: true, ..SyncRequest::default() },
    };
    let first: PollAnswer = web.post("/api/poll", &ben.token, &ask(None, 0, false)).await?;
    let body = json!({ "content": "And this one?" });
    let _: protocol::Message =
        web.post(&format!("/api/conversations/{}/messages", room.id), &anna.token, &body).await?;
    let mut batch = first.batch;
    for _ in 0..10 {
        let news: PollAnswer =
            web.post("/api/poll", &ben.token, &ask(Some(first.mailbox), batch, true)).await?;
        let arrived = |frame: &ServerFrame| matches!(frame, ServerFrame::NewMessage { message, .. } if message.content == "And this one?");
        if news.frames.iter().any(arrived) {
            return Ok(());
        }
        batch = news.batch;
    }
    Err(Wrong::new("the message did not come by polling", "a proxy may keep answers back or cache them"))
}

/// Somebody who is there for this check alone.
struct Guest {
    id: UserId,
    username: String,
    token: String,
}

impl Guest {
    async fn make(accounts: &Accounts) -> Result<Self, Fault> {
        let username = format!("check-{}", &uuid::Uuid::new_v4().simple().to_string()[..16]);
        // Nobody ever learns it.
        let password = uuid::Uuid::new_v4().to_string();
        let registration = Registration { username, password, ..Registration::default() };
        let account = accounts.register(registration).await?;
        let token = accounts.issue(&account).await?.access;
        Ok(Self { id: account.person.id, username: account.person.username, token })
    }
}

fn beside(fault: &Fault) -> Wrong {
    Wrong::new(
        fault.to_string(),
        "this must run where the server does, as its user, with the same RAPPORT_DATA (or --data)",
    )
}
