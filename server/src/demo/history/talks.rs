//! Parses the file of short conversations.

use super::{DAY, HOUR, Line, MINUTE, Talk};
use protocol::Timestamp;

const WRITTEN: &str = include_str!("talks.txt");

/// All conversations of the file, with times before `now`.
///
/// # Errors
/// The line that cannot be read.
pub(super) fn read(now: Timestamp) -> Result<Vec<Talk>, String> {
    let mut talks: Vec<Talk> = Vec::new();
    for line in WRITTEN.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let wrong = || format!("the demonstration's conversations: {line:?}");
        if let Some(head) = line.strip_prefix("== ") {
            talks.push(begin(head).ok_or_else(wrong)?);
            continue;
        }
        let talk = talks.last_mut().ok_or_else(wrong)?;
        match line.split_once(' ').ok_or_else(wrong)? {
            ("unread", rest) => talk.behind.push(behind(rest, false).ok_or_else(wrong)?),
            ("away", rest) => talk.behind.push(behind(rest, true).ok_or_else(wrong)?),
            (ago, said) => {
                let (who, text) = said.split_once(": ").ok_or_else(wrong)?;
                let at = Timestamp(now.0 - before(ago).ok_or_else(wrong)?);
                talk.lines.push(Line { at, who: who.into(), text: text.replace("\\n", "\n") });
            }
        }
    }
    Ok(talks)
}

fn begin(head: &str) -> Option<Talk> {
    let (title, names) = match head.strip_prefix("group: ") {
        Some(group) => group.split_once(" | ").map(|(title, names)| (Some(title.to_owned()), names))?,
        None => (None, head.strip_prefix("direct: ")?),
    };
    let members = names.split(", ").map(str::to_owned).collect();
    Some(Talk { title, members, lines: Vec::new(), behind: Vec::new() })
}

fn behind(rest: &str, away: bool) -> Option<(String, usize, usize)> {
    let (name, count) = rest.split_once(' ')?;
    let count = count.parse().ok()?;
    Some((name.into(), count, if away { count } else { 0 }))
}

/// Parses a duration such as `1d4h`, `3h20m` or `6m` to microseconds.
fn before(ago: &str) -> Option<i64> {
    let (mut total, mut number) = (0, None);
    for letter in ago.chars() {
        let unit = match letter {
            'd' => DAY,
            'h' => HOUR,
            'm' => MINUTE,
            digit => {
                number = Some(number.unwrap_or(0) * 10 + i64::from(digit.to_digit(10)?));
                continue;
            }
        };
        total += number.take()? * unit;
    }
    number.is_none().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::cast::CAST;

    #[test]
    fn every_line_parses_and_times_increase() {
        let talks = read(Timestamp(1_000 * DAY)).unwrap();
        assert!(talks.len() > 10);
        let known = |name: &String| CAST.iter().any(|part| part.username == name);
        for talk in &talks {
            assert!(talk.members.iter().all(known), "{:?}", talk.members);
            assert!(talk.lines.iter().all(|line| talk.members.contains(&line.who)), "{:?}", talk.title);
            assert!(talk.lines.is_sorted_by_key(|line| line.at), "{:?} {:?}", talk.title, talk.members);
            assert!(talk.behind.iter().all(|(name, ..)| talk.members.contains(name)));
        }
        assert_eq!(before("1d4h5m"), Some(DAY + 4 * HOUR + 5 * MINUTE));
        assert_eq!(before("5"), None);
        assert_eq!(before("x"), None);
    }
}
