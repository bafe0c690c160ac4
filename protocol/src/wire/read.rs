//! From the tree to a type.

use super::Json;
use crate::{ClientId, ConversationId, MessageId, Timestamp, UserId};

/// What is read from JSON in the browser: as serde reads it, with unknown fields passed over. (Unlike serde, it takes
/// the first of two fields of one name, and no list in place of an object.)
pub trait Read: Sized {
    /// `None` if this is none.
    fn read(json: Json) -> Option<Self>;
}

/// The whole text as one value.
#[must_use]
pub fn read<T: Read>(text: &str) -> Option<T> {
    T::read(Json::parse(text)?)
}

/// The fields of an object, each to be taken once.
#[derive(Debug)]
pub struct Fields(Vec<(String, Json)>);

impl Fields {
    /// `None` if it is no object.
    #[must_use]
    pub fn of(json: Json) -> Option<Self> {
        match json {
            Json::Map(fields) => Some(Self(fields)),
            _ => None,
        }
    }

    /// What stands under a name.
    pub fn take(&mut self, name: &str) -> Json {
        let found = self.0.iter_mut().find(|(known, _)| known == name);
        found.map(|(_, json)| std::mem::take(json)).unwrap_or_default()
    }

    /// The same for a field that may be left out.
    pub fn take_or<T: Read>(&mut self, name: &str, default: T) -> Option<T> {
        match self.take(name) {
            Json::Missing => Some(default),
            json => T::read(json),
        }
    }

    /// What has not been taken.
    #[must_use]
    pub fn rest(self) -> Json {
        Json::Map(self.0)
    }
}

impl Read for i64 {
    fn read(json: Json) -> Option<Self> {
        match json {
            Json::Int(int) => Some(int),
            _ => None,
        }
    }
}

/// On the wire as another type is.
macro_rules! reads_as {
    ($($name:ident: $as:ty, $make:expr;)*) => {
        $(impl Read for $name {
            fn read(json: Json) -> Option<Self> {
                <$as>::read(json).and_then($make)
            }
        })*
    };
}

reads_as! {
    u8: i64, |int| int.try_into().ok();
    u32: i64, |int| int.try_into().ok();
    u64: i64, |int| int.try_into().ok();
    i32: i64, |int| int.try_into().ok();
    UserId: i64, |id| Some(Self(id));
    ConversationId: i64, |id| Some(Self(id));
    MessageId: i64, |id| Some(Self(id));
    ClientId: String, |text| uuid::Uuid::try_parse(&text).ok().map(Self);
    Timestamp: String, |text| Self::parse(&text);
}

impl Read for f64 {
    fn read(json: Json) -> Option<Self> {
        match json {
            Json::Int(int) => Some(int as Self),
            Json::Float(float) => Some(float),
            _ => None,
        }
    }
}

impl Read for bool {
    fn read(json: Json) -> Option<Self> {
        match json {
            Json::Bool(yes) => Some(yes),
            _ => None,
        }
    }
}

impl Read for String {
    fn read(json: Json) -> Option<Self> {
        match json {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<T: Read> Read for Option<T> {
    fn read(json: Json) -> Option<Self> {
        match json {
            Json::Missing | Json::Null => Some(None),
            json => T::read(json).map(Some),
        }
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(json: Json) -> Option<Self> {
        match json {
            Json::List(items) => items.into_iter().map(T::read).collect(),
            _ => None,
        }
    }
}

/// The fields of structs; those after the semicolon may be left out. A field that is not named here does not compile.
macro_rules! reads {
    ($($name:ty { $($field:ident),* $(; $($optional:ident),*)? })*) => {
        $(impl $crate::wire::Read for $name {
            fn read(json: $crate::wire::Json) -> Option<Self> {
                let mut fields = $crate::wire::Fields::of(json)?;
                Some(Self {
                    $($field: $crate::wire::Read::read(fields.take(stringify!($field)))?,)*
                    $($($optional: fields.take_or(stringify!($optional), Default::default())?,)*)?
                })
            }
        })*
    };
}

/// The names of an enum without fields. One that is not named here does not compile.
macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal),* $(,)? })*) => {
        $(impl $crate::wire::Read for $name {
            fn read(json: $crate::wire::Json) -> Option<Self> {
                match <String as $crate::wire::Read>::read(json)?.as_str() {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
        impl $crate::wire::Write for $name {
            fn write(&self, out: &mut $crate::wire::Out) {
                out.text(match self { $(Self::$variant => $word,)* });
            }
        })*
    };
}

pub(super) use {reads, words};
