//! Catalogue of the browser: the language of the page, carried by the page.

use js_sys::{JSON, Reflect};
use leptos::prelude::document;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

thread_local! {
    static WORDS: JsValue = read().unwrap_or(JsValue::NULL);
    static RULES: Option<js_sys::Intl::PluralRules> = rules();
    static SEGMENTER: Option<Segmenter> = Segmenter::new().ok();
}

fn read() -> Option<JsValue> {
    let text = document().get_element_by_id("words")?.text_content()?;
    JSON::parse(&text).ok()
}

fn rules() -> Option<js_sys::Intl::PluralRules> {
    let language = document().document_element()?.get_attribute("lang")?;
    let locales = js_sys::Array::of1(&language.into());
    Some(js_sys::Intl::PluralRules::new(&locales, &js_sys::Object::new()))
}

pub(super) fn find(key: &str) -> Option<String> {
    WORDS.with(|words| Reflect::get(words, &key.into()).ok()?.as_string())
}

pub(super) fn plural_category(n: u32) -> String {
    let category = RULES.with(|rules| rules.as_ref().map(|rules| rules.select(n.into())));
    category
        .and_then(|category| category.unchecked_into::<JsValue>().as_string())
        .unwrap_or_else(|| "other".into())
}

#[wasm_bindgen]
extern "C" {
    /// By default it segments into grapheme clusters.
    #[wasm_bindgen(js_namespace = Intl)]
    type Segmenter;
    #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
    fn new() -> Result<Segmenter, JsValue>;
    #[wasm_bindgen(method)]
    fn segment(this: &Segmenter, text: &str) -> Segments;
    type Segments;
    #[wasm_bindgen(method)]
    fn containing(this: &Segments, at: u32) -> JsValue;
}

/// By the browser, which has Unicode's tables; where it has no segmenter, the first code point.
pub(super) fn first_letter(text: &str) -> String {
    let cluster =
        SEGMENTER.with(|segmenter| segmenter.as_ref().map(|segmenter| segmenter.segment(text).containing(0)));
    let cluster = cluster.and_then(|cluster| Reflect::get(&cluster, &"segment".into()).ok()?.as_string());
    cluster.unwrap_or_else(|| text.chars().take(1).collect())
}
