//! JSON of the server functions: as `server_fn`'s own codec, but read from text, as everything else that the client
//! reads. Serde compiles a reader for each type and each kind of source; with one source there is one reader.

use super::RequestError;
use leptos::server_fn::codec::Post;
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};
use protocol::{ErrorBody, ErrorCode};
use serde::Serialize;
use serde::de::{DeserializeOwned, Error};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// Arguments and result as JSON in the bodies of a POST request and its response.
pub type Json = Post<JsonText>;

/// The encoding.
pub struct JsonText;

impl ContentType for JsonText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for JsonText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for JsonText {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for JsonText {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        let text = std::str::from_utf8(&bytes).map_err(serde_json::Error::custom)?;
        serde_json::from_str(text)
    }
}

impl FromServerFnError for RequestError {
    type Encoder = JsonText;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        match value {
            // On the server, these concern the arguments.
            #[cfg(feature = "ssr")]
            ServerFnErrorErr::Args(why)
            | ServerFnErrorErr::MissingArg(why)
            | ServerFnErrorErr::Request(why)
            | ServerFnErrorErr::Deserialization(why) => {
                super::caller::refuse(ErrorBody::because(ErrorCode::Malformed, why))
            }
            #[cfg(not(feature = "ssr"))]
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Deserialization(_) => Self::unreached(),
            _ => ErrorBody::new(ErrorCode::Internal).into(),
        }
    }
}
