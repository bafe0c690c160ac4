//! The wire formats of sockets, and the choice between them.

use super::Origin;
use std::str::FromStr;

/// Wire format of the socket of one conversation (`/ws/chat/<id>/`). The socket of all conversations always has
/// [`Wire::Rapport`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wire {
    /// The frames of the crate `protocol`.
    #[default]
    Rapport,
    /// `003`: `{"message", "type": "TEXT"}` from the client; frames with a nested `message` object from the server.
    Nested,
    /// `004`: `{"message"}` and `{"typing"}` from the client; flat frames from the server.
    Flat,
}

impl FromStr for Wire {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "rapport" => Ok(Self::Rapport),
            "003" => Ok(Self::Nested),
            "004" => Ok(Self::Flat),
            _ => Err(format!("`{text}` is neither `rapport` nor `003` nor `004`")),
        }
    }
}

/// The wire format of each client: by the origin of its page, else the server's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wires {
    default: Wire,
    by_origin: Vec<(Origin, Wire)>,
}

impl Wires {
    /// Reads the settings `wire` and `wire_by_origin`, whose entries are `origin=wire`.
    ///
    /// # Errors
    /// The name of the setting, and the value that is invalid.
    pub(super) fn parse(default: Option<&str>, by_origin: &[String]) -> Result<Self, String> {
        let default = default.map_or(Ok(Wire::Rapport), str::parse).map_err(|why| format!("wire: {why}"))?;
        let mut wires = Self { default, by_origin: Vec::new() };
        for entry in by_origin {
            let invalid = |why: &str| format!("wire_by_origin: {why}");
            let (origin, wire) = entry.rsplit_once('=').ok_or_else(|| {
                invalid(&format!(
                    "`{entry}` must be an origin and a format, such as https://shop.example.org=004"
                ))
            })?;
            let origin = Origin::parse(origin.trim().trim_end_matches('/'))
                .ok_or_else(|| invalid(&format!("`{origin}` is no origin")))?;
            let wire = wire.trim().parse().map_err(|why: String| invalid(&why))?;
            if wires.by_origin.iter().any(|(known, _)| *known == origin) {
                return Err(invalid(&format!("`{origin}` is there twice")));
            }
            wires.by_origin.push((origin, wire));
        }
        Ok(wires)
    }

    /// The wire format for a socket that a page of this origin opens; without an origin, for a program.
    pub(crate) fn choose(&self, origin: Option<&str>) -> Wire {
        if self.by_origin.is_empty() {
            return self.default;
        }
        let origin = origin.and_then(Origin::parse);
        let chosen = self.by_origin.iter().find(|(known, _)| Some(known) == origin.as_ref());
        chosen.map_or(self.default, |(_, wire)| *wire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x4_the_origin_of_the_page_decides_before_the_server() {
        let by_origin =
            ["https://jobs.example=003".to_owned(), "https://shop.example:8443/ = 004".to_owned()];
        let wires = Wires::parse(None, &by_origin).unwrap();
        for (origin, wire) in [
            (None, Wire::Rapport),
            (Some("https://jobs.example"), Wire::Nested),
            (Some("https://JOBS.example:443"), Wire::Nested),
            (Some("http://jobs.example"), Wire::Rapport),
            (Some("https://shop.example:8443"), Wire::Flat),
            (Some("https://shop.example"), Wire::Rapport),
            (Some("null"), Wire::Rapport),
        ] {
            assert_eq!(wires.choose(origin), wire, "{origin:?}");
        }
        let wires = Wires::parse(Some("004"), &["http://localhost:3000=rapport".to_owned()]).unwrap();
        assert_eq!(wires.choose(None), Wire::Flat);
        assert_eq!(wires.choose(Some("https://other.example")), Wire::Flat);
        assert_eq!(wires.choose(Some("http://localhost:3000")), Wire::Rapport);
    }
}
