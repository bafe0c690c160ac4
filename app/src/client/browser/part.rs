//! Parts of pages that the server alone makes, for a page that stays.

use super::http as request;
use web_sys::{DomParser, SupportedType};

/// What stands in the element of this id on that page, as HTML.
pub(crate) async fn part(path: &str, id: &str) -> Option<String> {
    let text = request::page(path).await.ok()?;
    let page = DomParser::new().ok()?.parse_from_string(&text, SupportedType::TextHtml).ok()?;
    Some(page.get_element_by_id(id)?.inner_html())
}
