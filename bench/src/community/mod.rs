//! A generated community for `rapport import`, with heavy-tailed sizes, lengths and times, in the scripts of the world. A seed
//! gives the same file each time.

mod conversations;
mod people;
mod schedule;
mod texts;

use crate::BoxError;
use conversations::Conversation;
use people::Person;
use protocol::{ClientId, Timestamp};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use schedule::Event;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::io::Write;

/// Username of the person with [`Size::conversations_of_one`] conversations.
pub const MAIN_PERSON: &str = "mira.lang";

/// The size of a community.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Size {
    /// The number of people.
    #[arg(long, default_value_t = 200)]
    pub people: usize,
    /// The number of conversations.
    #[arg(long, default_value_t = 2_000)]
    pub conversations: usize,
    /// The number of conversations of one person.
    #[arg(long, default_value_t = 1_500)]
    pub conversations_of_one: usize,
    /// The number of messages, at least one in each conversation.
    #[arg(long, default_value_t = 200_000)]
    pub messages: usize,
}

/// The time of the first messages: 2023-11-01.
const BEGIN: Timestamp = Timestamp(1_698_796_800_000_000);

/// The number of recent messages that replies refer to.
const RECENT: usize = 8;

/// Writes the community.
///
/// # Errors
/// The size is impossible, or the output cannot be written.
pub fn write(out: &mut impl Write, seed: u64, size: &Size) -> Result<(), BoxError> {
    if size.people < 5 || size.conversations < size.conversations_of_one || size.messages < size.conversations
    {
        return Err("a community has 5 people, and a message for each conversation".into());
    }
    let mut random = StdRng::seed_from_u64(seed);
    let people = people::people(&mut random, size.people);
    let mut conversations = conversations::conversations(&mut random, &people, size);
    let events = schedule::events(&mut random, &mut conversations);
    for person in &people {
        line(out, &person.line())?;
    }
    for (number, conversation) in conversations.iter().enumerate() {
        line(out, &conversation.line(number, &people))?;
    }
    let mut recent = vec![Recent::default(); conversations.len()];
    for event in events {
        let (conversation, recent) = (&conversations[event.conversation], &mut recent[event.conversation]);
        line(out, &message(&mut random, &event, conversation, &people, recent))?;
    }
    Ok(out.flush()?)
}

/// The number of conversations of each person, by username.
///
/// # Errors
/// The text is not one of [`write`].
pub fn conversations_by_person(lines: &[u8]) -> Result<BTreeMap<String, usize>, BoxError> {
    let mut counts = BTreeMap::new();
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let line: Value = serde_json::from_slice(line)?;
        for name in line["members"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            *counts.entry(name.to_owned()).or_default() += 1;
        }
    }
    Ok(counts)
}

fn line(out: &mut impl Write, value: &Value) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// The last messages of a conversation.
#[derive(Clone, Default)]
struct Recent {
    sender: Option<usize>,
    messages: VecDeque<(usize, ClientId)>,
}

fn message(
    random: &mut StdRng,
    event: &Event,
    conversation: &Conversation,
    people: &[Person],
    recent: &mut Recent,
) -> Value {
    // People often write several messages in a row.
    let sender = match recent.sender {
        Some(last) if random.random_bool(0.35) => last,
        _ => conversation.author(random),
    };
    let client_id = client_id(random, event.at);
    let script = if random.random_bool(0.85) { conversation.script } else { people[sender].script };
    let mut value = json!({
        "type": "message",
        "conversation": conversations::key(event.conversation),
        "sender": people[sender].username,
        "client_id": client_id,
        "timestamp": event.at,
    });
    if random.random_bool(0.005) {
        value["deleted_at"] = json!(Timestamp(event.at.0 + 60_000_000));
    } else {
        value["content"] = json!(texts::text(random, script));
    }
    let answered: Vec<_> = recent.messages.iter().collect();
    if let Some((other, id)) = answered.choose(random).filter(|_| random.random_bool(0.04)) {
        value["reply_to"] = json!({"sender": people[*other].username, "client_id": id});
    }
    recent.sender = Some(sender);
    recent.messages.push_back((sender, client_id));
    if recent.messages.len() > RECENT {
        recent.messages.pop_front();
    }
    value
}

/// A UUIDv7 of this time.
fn client_id(random: &mut StdRng, at: Timestamp) -> ClientId {
    let millis = u64::try_from(at.millis()).unwrap_or_default();
    ClientId(uuid::Builder::from_unix_timestamp_millis(millis, &random.random()).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{HashMap, HashSet};

    const SMALL: Size = Size { people: 40, conversations: 300, conversations_of_one: 200, messages: 3_000 };

    fn lines(seed: u64) -> Vec<Value> {
        let mut out = Vec::new();
        write(&mut out, seed, &SMALL).unwrap();
        let text = String::from_utf8(out).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_seed_gives_the_same_community() {
        assert_eq!(lines(7), lines(7));
        assert_ne!(lines(7), lines(8));
    }

    #[test]
    fn sizes_are_as_requested_and_unequal() {
        let lines = lines(1);
        let of = |kind: &str| lines.iter().filter(|line| line["type"] == kind).collect::<Vec<_>>();
        let (people, conversations, messages) = (of("user"), of("conversation"), of("message"));
        assert_eq!((people.len(), conversations.len(), messages.len()), (40, 300, 3_000));
        let names: HashSet<_> = people.iter().map(|person| person["username"].as_str().unwrap()).collect();
        assert_eq!(names.len(), 40);
        let members = |line: &Value| -> Vec<String> {
            line["members"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().into()).collect()
        };
        let of_main =
            conversations.iter().filter(|line| members(line).iter().any(|name| name == MAIN_PERSON));
        assert_eq!(of_main.count(), 200);
        let by_key: HashMap<_, _> =
            conversations.iter().map(|line| (line["key"].as_str().unwrap(), members(line))).collect();
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for message in &messages {
            let key = message["conversation"].as_str().unwrap();
            assert!(by_key[key].iter().any(|name| *name == message["sender"]), "{message}");
            *counts.entry(key).or_default() += 1;
        }
        assert_eq!(counts.len(), 300, "each has a message");
        let mut counts: Vec<_> = counts.into_values().collect();
        counts.sort_unstable();
        assert!(counts[150] < 10 && counts[299] > 100, "{} {}", counts[150], counts[299]);
        let pairs: Vec<_> = by_key
            .values()
            .filter(|members| members.len() == 2)
            .cloned()
            .map(|mut pair| {
                pair.sort();
                pair
            })
            .collect();
        assert_eq!(pairs.iter().collect::<HashSet<_>>().len(), pairs.len(), "a pair has one conversation");
        let texts: String = messages.iter().filter_map(|message| message["content"].as_str()).collect();
        for sign in ['a', 'م', 'ש', '的', 'न', '👍', '\n'] {
            assert!(texts.contains(sign), "{sign}");
        }
    }
}
