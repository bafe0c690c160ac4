//! Echo bot: answers each text of somebody else with the same text.

use client::{Client, Credentials, Event};
use futures::StreamExt as _;
use protocol::MessageType;
use std::env::var;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let credentials =
        Credentials::Password { username: var("BOT_USERNAME")?, password: var("BOT_PASSWORD")? };
    let (bot, mut events) = Client::connect(&var("BOT_SERVER")?, credentials).await?;
    println!("{} listens", bot.me().username);
    while let Some(event) = events.next().await {
        let Event::Message(message) = event? else { continue };
        if message.sender.id != bot.me().id && message.message_type == MessageType::Text {
            bot.mark_read(message.conversation_id, message.id).await?;
            bot.send(message.conversation_id, message.content).await?;
        }
    }
    Ok(())
}
