//! Lists of the configuration, which the environment gives as one text.

use serde::{Deserialize, Deserializer};

/// A list, or a string separated by commas.
pub(super) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        List(Vec<String>),
        Text(String),
    }
    let split = |text: &str| text.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>();
    let mut list = match Either::deserialize(deserializer)? {
        Either::List(list) => list,
        Either::Text(text) => split(&text),
    };
    list.retain(|part| !part.is_empty());
    Ok(list)
}
