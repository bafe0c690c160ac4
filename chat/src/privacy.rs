//! What a person hides from others, and so does not see of them.

use protocol::Preferences;

/// What a person hides: who hides something does not see it of others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Privacy {
    /// Hides typing.
    pub hides_typing: bool,
    /// Hides reading.
    pub hides_reads: bool,
}

/// The receivers of a push among the subscribers of its topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    /// All subscribers.
    #[default]
    All,
    /// Those who do not hide typing.
    SeesTyping,
    /// Those who do not hide reading.
    SeesReads,
    /// Those who hide reading.
    HidesReads,
}

impl From<&Preferences> for Privacy {
    fn from(preferences: &Preferences) -> Self {
        Self { hides_typing: !preferences.show_typing, hides_reads: !preferences.send_read_receipts }
    }
}

impl Privacy {
    /// Whether a person with this privacy belongs to the audience.
    pub(crate) fn is_in(self, audience: Audience) -> bool {
        match audience {
            Audience::All => true,
            Audience::SeesTyping => !self.hides_typing,
            Audience::SeesReads => !self.hides_reads,
            Audience::HidesReads => self.hides_reads,
        }
    }

    /// As bits, for an atomic number.
    pub(crate) fn bits(self) -> u8 {
        u8::from(self.hides_typing) | u8::from(self.hides_reads) << 1
    }

    /// From [`Self::bits`].
    pub(crate) fn from_bits(bits: u8) -> Self {
        Self { hides_typing: bits & 1 != 0, hides_reads: bits & 2 != 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n2_who_hides_something_does_not_see_it_of_others() {
        for (hides_typing, hides_reads) in [(false, false), (false, true), (true, false), (true, true)] {
            let preferences = Preferences {
                show_typing: !hides_typing,
                send_read_receipts: !hides_reads,
                ..Preferences::default()
            };
            let privacy = Privacy::from(&preferences);
            assert_eq!(privacy, Privacy { hides_typing, hides_reads });
            assert_eq!(Privacy::from_bits(privacy.bits()), privacy);
            let seen = [Audience::All, Audience::SeesTyping, Audience::SeesReads, Audience::HidesReads];
            let expected = [true, !hides_typing, !hides_reads, hides_reads];
            assert_eq!(seen.map(|audience| privacy.is_in(audience)), expected);
        }
    }
}
