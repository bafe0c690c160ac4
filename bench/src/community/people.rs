//! The people, with names in their scripts.

use super::texts::Script;
use super::{BEGIN, MAIN_PERSON};
use protocol::Timestamp;
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use serde_json::{Value, json};

/// Person of the generated community.
pub(super) struct Person {
    pub(super) username: String,
    first_name: &'static str,
    last_name: &'static str,
    /// The script that they write most.
    pub(super) script: Script,
    created_at: Timestamp,
}

/// First and last names of a language.
type Names = (&'static [&'static str], &'static [&'static str]);

/// The names of the languages of a script.
fn names(script: Script) -> &'static [Names] {
    match script {
        Script::Latin => &[
            (&["Anna", "Jonas", "Zoë", "Mia"], &["Lindqvist", "Müller", "van Dijk", "Weiß"]),
            (&["Chloe", "Tom", "Aoife"], &["O'Brien", "Smith", "Walker"]),
            (&["María", "Émile", "João"], &["Hernández", "da Silva", "Lefèvre"]),
            (&["Łukasz", "İpek", "Nguyễn", "Søren"], &["Kowalska", "Yıldız", "Trần", "Ødegård"]),
        ],
        Script::Arabic => &[(
            &["ليلى", "عمر", "فاطمة", "يوسف", "نور", "خالد"],
            &["الحسن", "منصور", "القاسم", "حدّاد", "بن علي"],
        )],
        Script::Hebrew => &[(&["נועה", "איתן", "תמר", "יונתן"], &["כהן", "לוי", "ברק", "שָׁלוֹם"])],
        Script::Cjk => &[
            (&["伟", "芳", "秀英"], &["王", "李", "张"]),
            (&["さくら", "健太"], &["田中", "佐藤"]),
            (&["민준", "서연"], &["김", "박"]),
        ],
        Script::Devanagari => &[(&["आरव", "प्रिया", "रोहन", "अनन्या"], &["शर्मा", "वर्मा", "गुप्ता", "श्रीवास्तव"])],
    }
}

/// Draws the people; the first one is [`MAIN_PERSON`].
pub(super) fn people(random: &mut StdRng, count: usize) -> Vec<Person> {
    let main = Person {
        username: MAIN_PERSON.into(),
        first_name: "Mira",
        last_name: "Lang",
        script: Script::Latin,
        created_at: BEGIN,
    };
    let others = (1..count).map(|number| {
        let script = Script::draw(random);
        let (first, last) = names(script).choose(random).copied().unwrap_or_default();
        Person {
            username: format!("person{number:03}"),
            // Some people give one name, or none.
            first_name: if random.random_bool(0.93) { first.choose(random).unwrap_or(&"") } else { "" },
            last_name: if random.random_bool(0.8) { last.choose(random).unwrap_or(&"") } else { "" },
            script,
            created_at: Timestamp(BEGIN.0 - random.random_range(0..30 * 86_400) * 1_000_000),
        }
    });
    std::iter::once(main).chain(others).collect()
}

impl Person {
    /// The line of the file.
    pub(super) fn line(&self) -> Value {
        json!({
            "type": "user",
            "username": self.username,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "created_at": self.created_at,
        })
    }
}
