//! The long conversation: months of working days, composed of short dialogues. It is deterministic.

use super::{DAY, HOUR, Line, MINUTE, Talk};
use crate::demo::cast::{CAST, Part};
use protocol::Timestamp;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{Rng as _, SeedableRng as _};

const WRITTEN: &str = include_str!("everyday.txt");
const TITLE: &str = "Atlas House";
/// About thirty messages per working day, several thousand in all.
const DAYS: i64 = 190;
const SEED: u64 = 1154;
const SECOND: i64 = 1_000_000;

const MAPS: [&str; 8] = [
    "the portolan",
    "the Ortelius",
    "the star chart",
    "the map of the canals",
    "the silk map",
    "the map with the sea monsters",
    "the Mercator sheet",
    "the map of the moon",
];
const CITIES: [&str; 9] =
    ["Lisbon", "Kyoto", "Beirut", "Jaipur", "Haifa", "Brno", "Lagos", "Gothenburg", "Valparaíso"];
const ROOMS: [&str; 5] = ["room 1", "room 2", "room 3", "the reading room", "the vault"];
const WEEKDAYS: [&str; 5] = ["on Monday", "on Tuesday", "on Wednesday", "on Thursday", "on Friday"];

/// A dialogue in the file: speaker (`a`, `b`, `c`) and text.
type Dialogue = Vec<(char, &'static str)>;

/// Messages from months ago until now.
pub(super) fn talk(now: Timestamp) -> Talk {
    let mut rng = StdRng::seed_from_u64(SEED);
    let (dialogues, mut bag) = (dialogues(), Vec::new());
    let today = now.0.div_euclid(DAY);
    let mut lines = Vec::new();
    for day in today - DAYS..=today {
        // 1970 began on a Thursday.
        let works = (day + 3).rem_euclid(7) < 5;
        let count = if works { rng.random_range(6..10) } else { usize::from(rng.random_bool(0.2)) };
        let morning = day * DAY + 8 * HOUR;
        let mut starts: Vec<i64> =
            (0..count).map(|_| morning + rng.random_range(0..9 * 60) * MINUTE).collect();
        starts.sort_unstable();
        for start in starts {
            if bag.is_empty() {
                bag = (0..dialogues.len()).collect();
                bag.shuffle(&mut rng);
            }
            let Some(dialogue) = bag.pop().and_then(|at| dialogues.get(at)) else { continue };
            let before = lines.last().map_or(0, |line: &Line| line.at.0);
            spoken(dialogue, start.max(before + 5 * MINUTE), &mut rng, &mut lines);
        }
    }
    lines.retain(|line| line.at.0 < now.0 - 20 * MINUTE);
    let members = CAST.iter().map(|part| part.username.to_owned()).collect();
    let behind =
        CAST.iter().filter(|part| part.offered).map(|part| (part.username.to_owned(), 7, 0)).collect();
    Talk { title: Some(TITLE.into()), members, lines, behind }
}

fn dialogues() -> Vec<Dialogue> {
    let mut all = vec![Vec::new()];
    for line in WRITTEN.lines().filter(|line| !line.starts_with('#')) {
        match (line.split_once(": "), all.last_mut()) {
            (Some((who, text)), Some(last)) => last.push((who.chars().next().unwrap_or('a'), text)),
            _ => all.push(Vec::new()),
        }
    }
    all.retain(|dialogue| !dialogue.is_empty());
    all
}

/// Appends a dialogue, with random names and things filled in.
fn spoken(dialogue: &Dialogue, start: i64, rng: &mut StdRng, lines: &mut Vec<Line>) {
    let mut people: Vec<&Part> = CAST.iter().collect();
    people.shuffle(rng);
    let pick = |list: &[&'static str], rng: &mut StdRng| list.choose(rng).copied().unwrap_or_default();
    let (map, city) = (pick(&MAPS, rng), pick(&CITIES, rng));
    let (room, day) = (pick(&ROOMS, rng), pick(&WEEKDAYS, rng));
    let time = format!("{}:{:02}", rng.random_range(9..18), rng.random_range(0..4) * 15);
    let (n, small) = (rng.random_range(21..98).to_string(), rng.random_range(5..13).to_string());
    let mut at = start;
    for (who, text) in dialogue {
        let mut text = capital_after(text, "{map}", map);
        for (slot, word) in [
            ("{map}", map),
            ("{city}", city),
            ("{room}", room),
            ("{day}", day),
            ("{time}", &time),
            ("{n}", &n),
        ] {
            text = text.replace(slot, word);
        }
        text = text.replace("{small}", &small);
        for (letter, part) in ['a', 'b', 'c'].into_iter().zip(&people) {
            text = text.replace(&format!("{{{letter}}}"), part.called);
            text = text.replace(&format!("{{hi.{letter}}}"), part.hello);
            text = text.replace(&format!("{{thanks.{letter}}}"), part.thanks);
        }
        let speaker = people[('a'..='c').position(|letter| letter == *who).unwrap_or(0)];
        lines.push(Line { at: Timestamp(at), who: speaker.username.into(), text });
        at += rng.random_range(15..240) * SECOND + rng.random_range(0..SECOND);
    }
}

/// Fills in the placeholder, capitalised where it begins a sentence.
fn capital_after(text: &str, slot: &str, word: &str) -> String {
    match text.strip_prefix(slot) {
        Some(rest) => {
            word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect::<String>()
                + rest
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_conversation_is_ordered_and_has_no_empty_placeholder() {
        let talk = talk(Timestamp(20_000 * DAY + 12 * HOUR));
        assert!((3_000..6_000).contains(&talk.lines.len()), "{}", talk.lines.len());
        assert!(talk.lines.is_sorted_by_key(|line| line.at));
        let open = talk.lines.iter().find(|line| line.text.contains(['{', '}']));
        assert!(open.is_none(), "{open:?}");
        let span = talk.lines[talk.lines.len() - 1].at.0 - talk.lines[0].at.0;
        assert!(span > 150 * DAY, "some months");
    }
}
