//! The conversations: pairs and groups, with members and numbers of messages.

use super::Size;
use super::people::Person;
use super::texts::{self, Script};
use protocol::Timestamp;
use rand::distr::Distribution as _;
use rand::distr::weighted::WeightedIndex;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, seq};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// A conversation. People are indexes.
pub(super) struct Conversation {
    members: Vec<usize>,
    /// How much each member writes.
    shares: WeightedIndex<f64>,
    title: Option<String>,
    pub(super) script: Script,
    /// Number of messages.
    pub(super) messages: usize,
    /// Numbers of messages that members have read, where those are not all.
    read: Vec<(usize, usize)>,
    /// The time of the first message.
    pub(super) begins: Timestamp,
}

/// The key in the file.
pub(super) fn key(number: usize) -> String {
    format!("conversation-{number}")
}

/// Draws the conversations. The first person is in the first ones of them.
pub(super) fn conversations(random: &mut StdRng, people: &[Person], size: &Size) -> Vec<Conversation> {
    let mut counts = message_counts(random, size);
    let mut pairs = HashSet::new();
    (0..size.conversations)
        .map(|number| {
            let of_main = number < size.conversations_of_one;
            let members = members(random, people.len(), of_main, &mut pairs);
            let messages = counts.pop().unwrap_or(1);
            let script = people[members[members.len() - 1]].script;
            let title = (members.len() > 2).then(|| texts::title(random, script, number));
            let mut shares: Vec<f64> = (1..=members.len()).map(|rank| 1.0 / rank as f64).collect();
            shares.shuffle(random);
            // The weights are positive, so that the constructor accepts them.
            let shares = WeightedIndex::new(shares).expect("positive weights");
            let read = read(random, &members, messages);
            Conversation { members, shares, title, script, messages, read, begins: Timestamp(0) }
        })
        .collect()
}

/// Numbers of messages by Zipf's law, in random order, at least one in each conversation.
fn message_counts(random: &mut StdRng, size: &Size) -> Vec<usize> {
    let weights: Vec<f64> = (0..size.conversations).map(|rank| 1.0 / (rank as f64 + 2.0).powf(1.1)).collect();
    let all: f64 = weights.iter().sum();
    let to_share = (size.messages - size.conversations) as f64;
    let mut counts: Vec<usize> =
        weights.iter().map(|weight| 1 + (weight / all * to_share) as usize).collect();
    // The remainder of the rounding.
    let missing = size.messages - counts.iter().sum::<usize>();
    counts[0] += missing;
    counts.shuffle(random);
    counts
}

/// Draws the members: each pair of people once, then groups of heavy-tailed sizes.
fn members(
    random: &mut StdRng,
    people: usize,
    of_main: bool,
    pairs: &mut HashSet<(usize, usize)>,
) -> Vec<usize> {
    if random.random_bool(0.3) {
        let one = if of_main { 0 } else { random.random_range(1..people) };
        let other = random.random_range(1..people);
        if one != other && pairs.insert((one.min(other), one.max(other))) {
            return vec![one, other];
        }
    }
    // Pareto: half of the groups have at most five members, a few have nearly everybody.
    let pareto = 3.0 / (1.0 - random.random::<f64>()).powf(0.75);
    let others = (pareto as usize).clamp(2, people - 2);
    let mut members: Vec<usize> = Vec::with_capacity(others + 1);
    if of_main {
        members.push(0);
    } else {
        members.push(random.random_range(1..people));
    }
    let drawn = seq::index::sample(random, people - 1, others).into_iter().map(|index| index + 1);
    members.extend(drawn.filter(|person| *person != members[0]).collect::<Vec<_>>());
    if members.len() == 2 {
        let third = (1..people).find(|person| !members.contains(person));
        members.extend(third);
    }
    members
}

/// Every tenth member has not read the last messages.
fn read(random: &mut StdRng, members: &[usize], messages: usize) -> Vec<(usize, usize)> {
    let behind = members.iter().filter(|_| random.random_bool(0.1)).copied().collect::<Vec<_>>();
    let unread = |random: &mut StdRng| (1.0 / (1.0 - random.random::<f64>()).powf(1.5)) as usize;
    behind.into_iter().map(|member| (member, messages.saturating_sub(unread(random)))).collect()
}

impl Conversation {
    /// Draws the author of a message.
    pub(super) fn author(&self, random: &mut StdRng) -> usize {
        self.members[self.shares.sample(random)]
    }

    /// The line of the file.
    pub(super) fn line(&self, number: usize, people: &[Person]) -> Value {
        let name = |person: &usize| people[*person].username.as_str();
        let mut line = json!({
            "type": "conversation",
            "key": key(number),
            "members": self.members.iter().map(name).collect::<Vec<_>>(),
            "created_at": self.begins,
        });
        if let Some(title) = &self.title {
            line["title"] = json!(title);
        }
        let read: Map<String, Value> =
            self.read.iter().map(|(member, number)| (name(member).to_owned(), json!(number))).collect();
        if !read.is_empty() {
            line["read"] = Value::Object(read);
        }
        line
    }
}
