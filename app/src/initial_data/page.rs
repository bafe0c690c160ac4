//! In the browser: what the page brought along.

use super::Loaded;
use crate::datetime::ReaderZone;
use crate::server_fns::Refused;
use leptos::prelude::document;
use protocol::wire::{Fields, Json, Read};
use protocol::{ApiError, ErrorBody, ErrorCode};

impl Read for Loaded {
    fn read(json: Json) -> Option<Self> {
        let mut fields = Fields::of(json)?;
        Some(Self {
            synced: Read::read(fields.take("synced"))?,
            pages: Read::read(fields.take("pages"))?,
            now: Read::read(fields.take("now"))?,
            zone: Read::read(fields.take("zone"))?,
            form_id: Read::read(fields.take("form_id"))?,
            failure: Read::read(fields.take("failure"))?,
            form_text: Read::read(fields.take("form_text"))?,
        })
    }
}

impl Read for ReaderZone {
    fn read(json: Json) -> Option<Self> {
        let mut fields = Fields::of(json)?;
        let offsets: Vec<Vec<i64>> = Read::read(fields.take("offsets"))?;
        let offset = |pair: Vec<i64>| Some((*pair.first()?, i32::try_from(*pair.get(1)?).ok()?));
        Some(Self {
            name: Read::read(fields.take("name"))?,
            chosen: Read::read(fields.take("chosen"))?,
            offsets: offsets.into_iter().map(offset).collect::<Option<_>>()?,
        })
    }
}

pub(super) fn loaded() -> Result<Loaded, Refused> {
    let text = document().get_element_by_id("loaded").and_then(|script| script.text_content());
    let json = text.and_then(|text| Json::parse(&text)).unwrap_or_default();
    if let Some(ApiError { error }) = ApiError::read(json.clone()) {
        return Err(error.into());
    }
    Loaded::read(json).ok_or_else(|| ErrorBody::new(ErrorCode::Internal).into())
}
