//! People, listings, jobs and applications, in memory.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

/// A person with an account of the market.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Person {
    /// The id, which never changes; the `sub` of the person's tokens.
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
}

/// Everybody who can sign in.
pub(crate) static PEOPLE: [Person; 5] = [
    Person { id: "ana", name: "Ana Silva" },
    Person { id: "ben", name: "Ben Okafor" },
    Person { id: "cara", name: "Cara Lindqvist" },
    Person { id: "deniz", name: "Deniz Kaya" },
    Person { id: "elif", name: "Elif Arslan" },
];

/// The person of an id.
pub(crate) fn person(id: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.id == id)
}

/// A thing for sale.
#[derive(Clone)]
pub(crate) struct Listing {
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    pub(crate) price: &'static str,
    pub(crate) place: &'static str,
    pub(crate) seller: &'static Person,
    /// The conversations about it, by the buyer.
    pub(crate) chats: BTreeMap<&'static Person, i64>,
}

/// Work that a client offers.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    pub(crate) pay: &'static str,
    pub(crate) client: &'static Person,
    /// The texts of those who applied.
    pub(crate) applications: BTreeMap<&'static Person, String>,
    /// The person whose application was accepted.
    pub(crate) worker: Option<&'static Person>,
}

/// All data, by id.
pub(crate) struct Data {
    pub(crate) listings: BTreeMap<u32, Listing>,
    pub(crate) jobs: BTreeMap<u32, Job>,
    /// Times of the last e-mails, by conversation and person.
    pub(crate) mailed: HashMap<(i64, &'static str), Instant>,
}

impl Data {
    /// The data of a new market.
    pub(crate) fn new() -> Self {
        let [_, ben, cara, deniz, elif] = &PEOPLE;
        let listing = |title, text, price, place, seller| Listing {
            title,
            text,
            price,
            place,
            seller,
            chats: BTreeMap::new(),
        };
        let fence = Job {
            title: "Paint a garden fence",
            text: "Twenty metres of wood, both sides. The paint is there.",
            pay: "260 €",
            client: cara,
            applications: BTreeMap::from([
                (deniz, "I have painted fences for six years, and could start on Monday.".to_owned()),
                (elif, "My own brushes, two days.".to_owned()),
            ]),
            worker: None,
        };
        Self {
            listings: BTreeMap::from([
                (1, listing("City bicycle", "Seven gears, new tyres & lights.", "140 €", "Porto", ben)),
                (2, listing("Oak desk", "120 × 70 cm, a scratch on one side.", "90 €", "Malmö", cara)),
                (
                    3,
                    listing("Kayak <two seats>", "With paddles, used for one summer.", "320 €", "Porto", ben),
                ),
            ]),
            jobs: BTreeMap::from([(1, fence)]),
            mailed: HashMap::new(),
        }
    }
}
