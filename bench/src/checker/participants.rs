//! The people of a run, their conversations and their clients.

use super::client::Context;
use super::cluster::{Cluster, Node};
use super::history::History;
use super::invariants::Created;
use super::progress::Progress;
use super::script::{Part, Script};
use crate::{BoxError, api::Api};
use protocol::{ConversationId, Person, Role};
use rand::{Rng, rngs::StdRng};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The people of a run and their conversations.
pub(super) struct Participants {
    pub(super) people: Vec<Api>,
    /// The first person, a member of all conversations for ever, at each node past the proxies.
    pub(super) observers: Vec<Api>,
    /// The conversations at their creation.
    pub(super) created: Vec<Created>,
    /// The conversation that two people leave for good.
    club: ConversationId,
    /// The conversations that all clients change.
    groups: Vec<ConversationId>,
}

impl Participants {
    /// Registers at least four people, and creates the conversations.
    pub(super) async fn register(cluster: &Cluster, count: usize) -> Result<Self, BoxError> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build()?;
        let addresses: Vec<_> = cluster.nodes.iter().map(Node::address).collect();
        let first = addresses.first().ok_or("there is no node")?;
        let mut people = Vec::new();
        for n in 0..count.max(4) {
            people.push(Api::register(&http, first, &format!("person{n}")).await?);
        }
        let founder = people.first().ok_or("nobody talks")?;
        let mut created = Vec::new();
        let all = people.len();
        let sizes =
            [("The room", all), ("The club", all), ("The corner", 3), ("The team", all), ("The guild", 3)];
        for (title, size) in sizes {
            created.push(create(founder, people.get(..size).unwrap_or_default(), Some(title)).await?);
        }
        let two = people.get(..2).unwrap_or_default();
        // Opened by both, because the list of the other person shows it only from the first message on.
        created.push(create(founder, two, None).await?);
        if let Some(other) = people.get(1) {
            create(other, two, None).await?;
        }
        let observers = addresses.iter().map(|address| founder.through(&http, address, address)).collect();
        let club = created.get(1).ok_or("there is no club")?.conversation;
        let groups = created.get(3..5).unwrap_or_default().iter().map(|group| group.conversation).collect();
        Ok(Self { people, observers, created, club, groups })
    }

    /// The clients: one for each person, and a second one for the first two. Of the last two people one leaves the club and
    /// one is removed from it.
    pub(super) fn clients(
        &self,
        cluster: &Cluster,
        history: &Arc<History>,
        progress: &Arc<Progress>,
        stop: &Arc<AtomicBool>,
        rng: &mut StdRng,
    ) -> Result<Vec<(usize, Context, Script, u64)>, BoxError> {
        let count = self.people.len();
        let victim = self.people.last().ok_or("nobody talks")?.me.id;
        let people: Arc<[Person]> = self.people.iter().map(|person| person.me.clone()).collect();
        let (leaves, removes) = (rng.random_range(15..60), rng.random_range(15..60));
        let mut clients = Vec::new();
        for (n, person) in (0..count).chain(0..2).enumerate() {
            let part = match n {
                0 => Part::RemovesAt(removes),
                n if n + 2 == count => Part::LeavesAt(leaves),
                _ => Part::Stays,
            };
            let api = self.people.get(person).ok_or("there is no such person")?;
            let endpoints = cluster.endpoints.iter().map(|endpoint| {
                // Each client has its own connections, which end after 5 s of silence.
                let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
                let (address, host) = endpoint.address_and_host();
                Ok::<_, BoxError>(api.through(&http, &address, host))
            });
            let context = Context {
                endpoints: endpoints.collect::<Result<_, _>>()?,
                conversations: self.conversations_of(api),
                club: self.club,
                groups: self.groups.clone(),
                people: people.clone(),
                victim,
                history: history.clone(),
                progress: progress.clone(),
                stop: stop.clone(),
            };
            clients.push((n, context, Script::new(rng.random(), part), rng.random()));
        }
        Ok(clients)
    }

    /// The conversations that this person writes to: those of which it is a member, and the groups that it may enter.
    fn conversations_of(&self, person: &Api) -> Vec<ConversationId> {
        let is_theirs = |created: &&Created| {
            created.members.contains_key(&person.me.id) || self.groups.contains(&created.conversation)
        };
        self.created.iter().filter(is_theirs).map(|created| created.conversation).collect()
    }
}

/// Creates a conversation of these people.
async fn create(founder: &Api, people: &[Api], title: Option<&str>) -> Result<Created, BoxError> {
    let names: Vec<_> = people.iter().map(|person| person.me.username.clone()).collect();
    let conversation = founder.open_conversation(&names, title).await?;
    let role = |person: &Api| match title {
        Some(_) if person.me.id == founder.me.id => Role::Owner,
        _ => Role::Member,
    };
    let members = people.iter().map(|person| (person.me.id, role(person))).collect();
    Ok(Created { conversation, members, title: title.map(str::to_owned) })
}
