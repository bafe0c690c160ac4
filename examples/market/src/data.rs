//! People, listings, jobs and applications, in memory.

use std::collections::BTreeMap;

/// A person with an account of the market.
#[derive(Debug, PartialEq, Eq)]
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

/// A thing for sale.
pub(crate) struct Listing {
    pub(crate) id: u32,
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    pub(crate) price: &'static str,
    pub(crate) place: &'static str,
    pub(crate) seller: &'static Person,
    /// The conversations about it, by the buyer's id.
    pub(crate) chats: BTreeMap<&'static str, i64>,
}

/// Work that a client offers.
pub(crate) struct Job {
    pub(crate) id: u32,
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    pub(crate) pay: &'static str,
    pub(crate) client: &'static Person,
    pub(crate) applications: Vec<Application>,
    /// The worker whose application was accepted.
    pub(crate) worker: Option<&'static Person>,
}

/// An application of a worker for a job.
pub(crate) struct Application {
    pub(crate) worker: &'static Person,
    /// At most [`MAX_APPLICATION`] characters.
    pub(crate) text: String,
}

/// The longest application, in characters.
pub(crate) const MAX_APPLICATION: usize = 500;

/// Everything that the market knows.
pub(crate) struct Data {
    pub(crate) listings: Vec<Listing>,
    pub(crate) jobs: Vec<Job>,
}

impl Data {
    /// The data of a new market.
    pub(crate) fn new() -> Self {
        let [_, ben, cara, deniz, elif] = &PEOPLE;
        let listing = |id, title, text, price, place, seller| {
            let chats = BTreeMap::new();
            Listing { id, title, text, price, place, seller, chats }
        };
        let apply = |worker, text: &str| Application { worker, text: text.to_owned() };
        Self {
            listings: vec![
                listing(1, "City bicycle", "Seven gears, new tyres & lights.", "140 €", "Porto", ben),
                listing(2, "Oak desk", "120 × 70 cm, a scratch on one side.", "90 €", "Malmö", cara),
                listing(3, "Kayak <two seats>", "With paddles, used for one summer.", "320 €", "Porto", ben),
            ],
            jobs: vec![Job {
                id: 1,
                title: "Paint a garden fence",
                text: "Twenty metres of wood, both sides. The paint is there.",
                pay: "260 €",
                client: cara,
                applications: vec![
                    apply(deniz, "I have painted fences for six years, and could start on Monday."),
                    apply(elif, "My own brushes, two days."),
                ],
                worker: None,
            }],
        }
    }

    pub(crate) fn listing(&self, id: u32) -> Option<&Listing> {
        self.listings.iter().find(|listing| listing.id == id)
    }

    pub(crate) fn listing_mut(&mut self, id: u32) -> Option<&mut Listing> {
        self.listings.iter_mut().find(|listing| listing.id == id)
    }

    pub(crate) fn job(&self, id: u32) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id == id)
    }

    pub(crate) fn job_mut(&mut self, id: u32) -> Option<&mut Job> {
        self.jobs.iter_mut().find(|job| job.id == id)
    }
}

/// The person of an id.
pub(crate) fn person(id: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.id == id)
}
