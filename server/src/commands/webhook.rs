//! `rapport webhook …`, which works with and without a running server.

use super::{fail, refuse};
use crate::backend::{Backend, ServerError};
use crate::config::Config;
use crate::webhooks;
use chat::store::{DeliveryRecord, DeliveryState, Webhook};
use chat::webhooks::Webhooks;
use std::process::ExitCode;

/// Subcommands of `rapport webhook`.
#[derive(clap::Subcommand, Debug)]
pub(crate) enum WebhookCommand {
    /// Add an endpoint that is told of events, and print its signing secret, which cannot be read again
    Add {
        /// The https URL
        #[arg(long)]
        url: String,
        /// A kind of event: message.created, message.deleted, message.unread, conversation.created, conversation.closed,
        /// conversation.reopened, member.joined or member.left; several times for several kinds
        #[arg(long = "event", required = true, value_name = "EVENT")]
        events: Vec<String>,
        /// Only conversations about subjects of this kind [default: all conversations]
        #[arg(long, value_name = "KIND")]
        subject_kind: Option<String>,
    },
    /// List the endpoints: number, events, kind of subjects, URL
    List,
    /// Remove an endpoint with its deliveries
    Remove { id: i64 },
    /// List the newest deliveries of an endpoint: number, event, time, state, attempts, status of the last answer
    Deliveries {
        id: i64,
        /// At most this number of deliveries, up to 100
        #[arg(long, default_value_t = 20)]
        limit: usize,
        /// Only deliveries before this number
        #[arg(long)]
        before: Option<i64>,
    },
    /// Send a delivery again
    Resend { delivery: i64 },
}

/// Runs the command.
pub(crate) async fn webhook(config: &Config, command: WebhookCommand) -> ExitCode {
    match act(config, command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.refuses() => refuse(&error),
        Err(error) => fail(&error),
    }
}

async fn act(config: &Config, command: WebhookCommand) -> Result<(), ServerError> {
    let webhooks: Webhooks = webhooks::webhooks(&Backend::open(config).await?, config);
    match command {
        WebhookCommand::Add { url, events, subject_kind } => {
            let added = webhooks.add(&url, &events, subject_kind.as_deref(), None).await?;
            println!("{}", added.secret);
        }
        WebhookCommand::List => webhooks.list().await?.iter().for_each(print_webhook),
        WebhookCommand::Remove { id } => {
            webhooks.remove(id).await?;
            println!("Removed {id}.");
        }
        WebhookCommand::Deliveries { id, limit, before } => {
            webhooks.deliveries(id, before, limit).await?.iter().for_each(print_delivery);
        }
        WebhookCommand::Resend { delivery } => {
            webhooks.resend(delivery).await?;
            println!("{delivery} is sent again.");
        }
    }
    Ok(())
}

fn print_webhook(webhook: &Webhook) {
    let events: Vec<_> = webhook.events.iter().map(|kind| kind.as_str()).collect();
    let subjects = webhook.subject_kind.as_deref().unwrap_or("all");
    println!("{}\t{}\t{subjects}\t{}", webhook.id, events.join(","), webhook.url);
}

fn print_delivery(delivery: &DeliveryRecord) {
    let state = match delivery.state {
        DeliveryState::Pending => "pending",
        DeliveryState::Delivered => "delivered",
        DeliveryState::GivenUp => "given up",
    };
    let status = delivery.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    let DeliveryRecord { id, kind, created_at, attempts, .. } = delivery;
    println!("{id}\t{}\t{created_at}\t{state}\t{attempts}\t{status}", kind.as_str());
}
