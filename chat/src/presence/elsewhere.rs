//! Who is there on the other nodes, as far as those have said.

use protocol::{ConversationId, Status, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use tokio::time::Instant;

/// What nodes tell each other. All of it comes from one node in order, or not at all: each change has the next number,
/// and whoever misses one asks for the whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum News {
    /// This node is there, and its last change had this number.
    Beat { node: u64, n: u64 },
    /// The next change.
    Change { node: u64, n: u64, what: Change },
    /// A part of everything, as of a number.
    Whole { node: u64, n: u64, part: Whole },
    /// This node (none: all) is asked for the whole.
    Tell { of: Option<u64> },
    /// This node goes down.
    Gone { node: u64 },
}

/// One change on a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Change {
    /// How this person is on that node, and when they were last there if they are not.
    Is(UserId, String, Status, Option<Timestamp>),
    /// This person has the conversation open by itself there, or no longer.
    Opened(ConversationId, UserId, String, bool),
}

/// A part of everything that a node knows of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Whole {
    pub(super) people: Vec<(UserId, String, Status)>,
    pub(super) opened: Vec<(ConversationId, UserId, String)>,
    /// In the last part: how many rows there are in all of them.
    pub(super) total: Option<usize>,
}

/// What may be different now, and for those who went: since when.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Touched {
    pub(super) people: HashMap<UserId, (String, Option<Timestamp>)>,
    pub(super) opened: HashMap<(ConversationId, UserId), String>,
}

#[derive(Default)]
struct Known {
    people: HashMap<UserId, (String, Status)>,
    opened: HashMap<(ConversationId, UserId), String>,
}

struct Node {
    /// The number of the last change that is in `known`; none: nothing is known yet.
    n: Option<u64>,
    known: Known,
    coming: Option<(u64, Known)>,
    until: Instant,
    /// It said that it goes.
    gone: bool,
}

/// All other nodes.
#[derive(Default)]
pub(super) struct Elsewhere {
    nodes: HashMap<u64, Node>,
}

impl Elsewhere {
    /// How somebody is on the best of their nodes.
    pub(super) fn status(&self, user: UserId) -> Status {
        let all = self.nodes.values().filter_map(|node| node.known.people.get(&user));
        all.map(|(_, status)| *status).fold(Status::Offline, better)
    }

    /// Whether somebody has the conversation open on any of them.
    pub(super) fn has_open(&self, key: (ConversationId, UserId)) -> bool {
        self.nodes.values().any(|node| node.known.opened.contains_key(&key))
    }

    /// Takes what a node said, which holds until then. True: it has to be asked for the whole.
    pub(super) fn hear(&mut self, news: News, until: Instant, touched: &mut Touched) -> bool {
        let (News::Beat { node: id, .. }
        | News::Change { node: id, .. }
        | News::Whole { node: id, .. }
        | News::Gone { node: id }) = &news
        else {
            return false;
        };
        let new = || Node { n: None, known: Known::default(), coming: None, until, gone: false };
        let node = self.nodes.entry(*id).or_insert_with(new);
        (node.until, node.gone) = (until, matches!(news, News::Gone { .. }));
        match news {
            News::Beat { n, .. } => node.n != Some(n),
            News::Change { n, what, .. } => match node.n {
                Some(last) if n == last + 1 => {
                    node.n = Some(n);
                    node.known.change(what, touched);
                    false
                }
                Some(last) => n > last,
                None => true,
            },
            News::Whole { n, part, .. } => node.whole(n, part, touched),
            News::Tell { .. } | News::Gone { .. } => false,
        }
    }

    /// Those that were last heard of too long ago are no more.
    pub(super) fn sweep(&mut self, now: Instant, touched: &mut Touched) {
        self.nodes.retain(|_, node| {
            let lives = node.until > now;
            if !lives {
                node.known.touch(touched);
            }
            lives
        });
    }

    /// Whoever is believed is believed until then at least, but for those who said that they go.
    pub(super) fn extend(&mut self, until: Instant) {
        let stay = self.nodes.values_mut().filter(|node| !node.gone);
        stay.for_each(|node| node.until = node.until.max(until));
    }
}

impl Node {
    fn whole(&mut self, n: u64, part: Whole, touched: &mut Touched) -> bool {
        let (_, known) = match &mut self.coming {
            Some(coming) if coming.0 == n => coming,
            coming => coming.insert((n, Known::default())),
        };
        known.people.extend(part.people.into_iter().map(|(user, name, status)| (user, (name, status))));
        known.opened.extend(part.opened.into_iter().map(|(id, user, name)| ((id, user), name)));
        let Some(total) = part.total else { return false };
        let Some((_, known)) = self.coming.take() else { return true };
        if known.people.len() + known.opened.len() != total {
            return true;
        }
        if self.n.is_none_or(|last| last <= n) {
            self.known.touch(touched);
            known.touch(touched);
            (self.n, self.known) = (Some(n), known);
        }
        false
    }
}

impl Known {
    fn change(&mut self, what: Change, touched: &mut Touched) {
        match what {
            Change::Is(user, name, status, seen) => {
                touched.people.insert(user, (name.clone(), seen));
                if status == Status::Offline {
                    self.people.remove(&user);
                } else {
                    self.people.insert(user, (name, status));
                }
            }
            Change::Opened(id, user, name, open) => {
                touched.opened.insert((id, user), name.clone());
                if open {
                    self.opened.insert((id, user), name);
                } else {
                    self.opened.remove(&(id, user));
                }
            }
        }
    }

    fn touch(&self, touched: &mut Touched) {
        touched.people.extend(self.people.iter().map(|(user, (name, _))| (*user, (name.clone(), None))));
        touched.opened.extend(self.opened.iter().map(|(key, name)| (*key, name.clone())));
    }
}

/// Online on any node is online.
pub(super) fn better(a: Status, b: Status) -> Status {
    match (a, b) {
        (Status::Online, _) | (_, Status::Online) => Status::Online,
        (Status::Away, _) | (_, Status::Away) => Status::Away,
        _ => Status::Offline,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const BEN: UserId = UserId(2);

    fn is(n: u64, status: Status) -> News {
        News::Change { node: 1, n, what: Change::Is(BEN, "ben".into(), status, None) }
    }

    fn part(n: u64, people: &[(UserId, Status)], total: Option<usize>) -> News {
        let people = people.iter().map(|(user, status)| (*user, "x".into(), *status)).collect();
        News::Whole { node: 1, n, part: Whole { people, opened: Vec::new(), total } }
    }

    #[tokio::test]
    async fn p1_a_hole_is_noticed_and_the_whole_closes_it() {
        let (mut all, mut touched) = (Elsewhere::default(), Touched::default());
        let until = Instant::now() + Duration::from_secs(5);
        let mut hear = |news| all.hear(news, until, &mut touched);
        assert!(hear(is(4, Status::Online)), "an unknown node");
        assert!(hear(News::Beat { node: 1, n: 4 }));
        assert!(!hear(part(4, &[(BEN, Status::Online)], None)));
        assert!(hear(part(4, &[], Some(2))), "a part is missing");
        assert!(!hear(part(4, &[(BEN, Status::Online)], None)));
        assert!(!hear(part(4, &[(UserId(3), Status::Away)], Some(2))));
        assert!(!hear(News::Beat { node: 1, n: 4 }));
        assert!(!hear(is(5, Status::Away)));
        assert!(!hear(is(5, Status::Online)), "doubled");
        assert!(hear(is(7, Status::Online)), "6 is missing");
        assert!(!hear(part(5, &[], Some(0))), "of now, and nobody is there");
        assert!(!hear(part(3, &[(BEN, Status::Online)], Some(1))), "an old one changes nothing");
        assert_eq!(all.status(BEN), Status::Offline);
    }

    #[tokio::test]
    async fn p1_who_is_there_on_any_node_is_there_and_a_silent_node_is_none() {
        let (mut all, mut touched) = (Elsewhere::default(), Touched::default());
        let now = Instant::now();
        let whole = |node, status| {
            let people = vec![(BEN, "ben".to_owned(), status)];
            let opened = vec![(ConversationId(1), BEN, "ben".to_owned())];
            News::Whole { node, n: 0, part: Whole { people, opened, total: Some(2) } }
        };
        all.hear(whole(1, Status::Away), now + Duration::from_secs(1), &mut touched);
        all.hear(whole(2, Status::Online), now + Duration::from_secs(2), &mut touched);
        assert_eq!(all.status(BEN), Status::Online);
        // A third goes, whatever else is believed.
        all.hear(whole(3, Status::Online), now + Duration::from_secs(9), &mut touched);
        all.hear(News::Gone { node: 3 }, now + Duration::from_millis(500), &mut touched);
        touched = Touched::default();
        all.sweep(now, &mut touched);
        assert_eq!(touched, Touched::default());
        all.extend(now + Duration::from_millis(1_500));
        all.sweep(now + Duration::from_secs(1), &mut touched);
        assert_eq!(all.status(BEN), Status::Online);
        all.sweep(now + Duration::from_millis(1_500), &mut touched);
        assert!(touched.people.contains_key(&BEN) && all.has_open((ConversationId(1), BEN)));
        assert_eq!(all.status(BEN), Status::Online);
        all.sweep(now + Duration::from_secs(3), &mut touched);
        assert_eq!((all.status(BEN), all.has_open((ConversationId(1), BEN))), (Status::Offline, false));
    }
}
