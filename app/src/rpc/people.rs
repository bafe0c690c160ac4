//! People to talk with.

use super::Refused;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use protocol::Person;

/// Those whose name fits; none for an empty query.
#[server(prefix = "/rpc", endpoint = "people", input = Json, output = Json)]
pub async fn people(query: String) -> Result<Vec<Person>, Refused> {
    use super::asker::{asker, fault};
    let (chat, who) = asker()?;
    let query = query.trim();
    if query.is_empty() {
        return Ok(Vec::new());
    }
    chat.people(&who.person, query).await.map_err(fault)
}
