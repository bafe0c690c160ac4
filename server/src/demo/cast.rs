//! The sample users: the staff of a small map archive.

/// A sample user.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) username: &'static str,
    /// First and last name, in their own script.
    pub(crate) name: (&'static str, &'static str),
    /// First name in Latin script.
    pub(crate) called: &'static str,
    pub(crate) hello: &'static str,
    pub(crate) thanks: &'static str,
    /// Whether visitors may sign in as this user without a password.
    pub(crate) offered: bool,
    /// Whether the user is online from the start.
    pub(crate) early: bool,
    /// Whether the user is online most of the time and answers in groups. Others come online when they get a message.
    pub(crate) host: bool,
}

const NOBODY: Part = Part {
    username: "",
    name: ("", ""),
    called: "",
    hello: "",
    thanks: "",
    offered: false,
    early: false,
    host: false,
};

pub(crate) const CAST: [Part; 8] = [
    Part {
        username: "ada",
        name: ("Ada", "Lindqvist"),
        called: "Ada",
        hello: "Hej",
        thanks: "Tack",
        offered: true,
        ..NOBODY
    },
    Part {
        username: "karim",
        name: ("كريم", "حداد"),
        called: "Karim",
        hello: "مرحبا",
        thanks: "شكرًا",
        offered: true,
        ..NOBODY
    },
    Part {
        username: "yuki",
        name: ("田中", "雪"),
        called: "Yuki",
        hello: "こんにちは",
        thanks: "ありがとう",
        offered: true,
        early: true,
        ..NOBODY
    },
    Part {
        username: "priya",
        name: ("प्रिया", "शर्मा"),
        called: "Priya",
        hello: "नमस्ते",
        thanks: "धन्यवाद",
        offered: true,
        ..NOBODY
    },
    Part {
        username: "noa", name: ("נועה", "לוי"), called: "Noa", hello: "שלום", thanks: "תודה", ..NOBODY
    },
    Part {
        username: "marek",
        name: ("Marek", "Dvořák"),
        called: "Marek",
        hello: "Ahoj",
        thanks: "Díky",
        ..NOBODY
    },
    Part {
        username: "zoe",
        name: ("Zoë", "Okafor"),
        called: "Zoë",
        hello: "Hello",
        thanks: "Thank you",
        early: true,
        ..NOBODY
    },
    Part {
        username: "robin",
        name: ("Robin", "Bell"),
        called: "Robin",
        hello: "Hello",
        thanks: "Thanks",
        early: true,
        host: true,
        ..NOBODY
    },
];
