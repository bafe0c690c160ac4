//! `rapport tail`: prints the messages of a conversation as they come, as a person of a running server.

use super::{check, fail, refuse};
use crate::config::Config;
use client::{Client, Credentials, Error, Event};
use futures::StreamExt as _;
use protocol::{ConversationId, Message};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// Variable of the access token. Not a flag, because other users can see those.
pub(crate) const TOKEN: &str = "RAPPORT_TOKEN";

/// Arguments of `rapport tail`.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// The id of the conversation
    conversation: i64,
    /// The address of the server [default: the public URL, else the address it listens on]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// A file with the person's access token [default: the environment variable RAPPORT_TOKEN]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Print each message as one line of JSON
    #[arg(long)]
    json: bool,
}

/// Prints messages until the connection is refused or the output is closed.
pub(crate) async fn tail(config: &Config, options: Options, token: Option<String>) -> ExitCode {
    let token = match (&options.token_file, token) {
        (Some(path), _) => match std::fs::read_to_string(path) {
            Ok(text) => text.trim().to_owned(),
            Err(error) => return refuse(&format!("{}: {error}", path.display())),
        },
        (None, Some(token)) => token,
        (None, None) => return refuse(&format!("set {TOKEN}, or name a file by --token-file")),
    };
    let url = options.url.clone().unwrap_or_else(|| check::usual_url(config));
    match follow(&url, token, &options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ Error::Address(_)) => refuse(&error),
        Err(error) => fail(&error),
    }
}

async fn follow(url: &str, token: String, options: &Options) -> Result<(), Error> {
    let id = ConversationId(options.conversation);
    let (client, mut events) = Client::connect(url, Credentials::Token(token)).await?;
    let conversation = client.conversation(id).await?;
    let name = conversation.name_for(client.me().id);
    eprintln!("{} as {}, from now on", printable(&name), client.me().username);
    while let Some(event) = events.next().await {
        match event? {
            Event::Message(message) if message.conversation_id == id => {
                let mut out = std::io::stdout().lock();
                let written = writeln!(out, "{}", line(&message, options.json)).and_then(|()| out.flush());
                if written.is_err() {
                    return Ok(());
                }
            }
            Event::Removed(removed) if removed == id => {
                eprintln!("You are no member of this conversation any more.");
                return Ok(());
            }
            Event::Disconnected(_) => eprintln!("The connection was lost, connecting again"),
            Event::Connected => eprintln!("Connected again"),
            _ => {}
        }
    }
    Ok(())
}

/// The line of a message: JSON, or time, name and text.
fn line(message: &Message, json: bool) -> String {
    if json {
        return serde_json::to_string(message).unwrap_or_default();
    }
    let name = message.sender.display_name();
    let text = message.content.split('\n').map(printable).collect::<Vec<_>>().join("\n  ");
    format!("{} {}: {text}", message.timestamp, printable(&name))
}

/// The text without characters that control a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|char| if char.is_control() && char != '\t' { '\u{fffd}' } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x3_a_message_cannot_control_the_terminal() {
        assert_eq!(printable("\u{1b}[2Jgone\u{7}\r\u{9b}31m"), "\u{fffd}[2Jgone\u{fffd}\u{fffd}\u{fffd}31m");
        assert_eq!(printable("a\tb ü 🙂"), "a\tb ü 🙂");
    }
}
