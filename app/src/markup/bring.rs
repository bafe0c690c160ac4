//! Brings the document to what markup says. What is so already stays the same node: with its focus, with what is selected
//! in it, with its boxes ticked. Only called in the browser.

use super::{Markup, Row};
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlTemplateElement, Node};

/// What scripts put on an element and no markup speaks of.
const OURS: [&str; 3] = ["data-found", "open", "style"];

/// Makes these the contents of an element.
pub(super) fn bring(element: &Element, contents: &Markup) {
    if let Some(wanted) = parse(contents) {
        children(element, &wanted);
    }
}

/// The rows of a list, each one element. What stays is not moved more than it has to be.
pub(crate) fn bring_rows(list: &Element, rows: Vec<Row>) {
    let mut stand = Vec::new();
    let mut next = list.first_element_child();
    while let Some(row) = next {
        next = row.next_element_sibling();
        stand.push(Some(row));
    }
    let mut wanted = Vec::with_capacity(rows.len());
    for Row { was, markup } in rows {
        let fresh = markup.and_then(|markup| parse(&markup)?.first_child());
        let stands = was.and_then(|at| stand.get_mut(at)?.take());
        match (stands, fresh) {
            (Some(row), Some(fresh)) => {
                one(&row, &fresh);
                wanted.push(row);
            }
            (Some(row), None) => wanted.push(row),
            (None, fresh) => wanted.extend(fresh.map(JsCast::unchecked_into)),
        }
    }
    stand.into_iter().flatten().for_each(|gone| gone.remove());
    let mut at = list.first_element_child();
    for row in wanted {
        if at.as_ref() == Some(&row) {
            at = row.next_element_sibling();
        } else {
            let _ = list.insert_before(&row, at.as_deref());
        }
    }
}

fn parse(markup: &Markup) -> Option<Node> {
    let template: HtmlTemplateElement = document().create_element("template").ok()?.unchecked_into();
    template.set_inner_html(markup.as_str());
    Some(template.content().into())
}

/// Makes the children of one node those of another, which loses them.
fn children(node: &Node, wanted: &Node) {
    let mut at = node.first_child();
    let mut next = wanted.first_child();
    while let Some(child) = next {
        next = child.next_sibling();
        let mut found = at.clone();
        while let Some(other) = found.take_if(|other| !alike(other, &child)) {
            found = other.next_sibling();
        }
        match found {
            Some(found) => {
                remove(node, at, Some(&found));
                one(&found, &child);
                at = found.next_sibling();
            }
            None => drop(node.insert_before(&child, at.as_ref())),
        }
    }
    remove(node, at, None);
}

/// Removes the children from one on up to another.
fn remove(node: &Node, mut from: Option<Node>, end: Option<&Node>) {
    while let Some(child) = from.filter(|child| Some(child) != end) {
        from = child.next_sibling();
        let _ = node.remove_child(&child);
    }
}

/// Whether one can become the other: of one kind, and called the same. A part never does: it begins anew.
fn alike(one: &Node, other: &Node) -> bool {
    // Not `className`: that of a drawing is no text.
    let get = |node: &Node, name| node.dyn_ref::<Element>().and_then(|node| node.get_attribute(name));
    // What comes behind the first word of a class is how something stands.
    let class = |node| get(node, "class").unwrap_or_default().split(' ').next().map(str::to_owned);
    one.node_name() == other.node_name() && class(one) == class(other) && get(other, "data-part").is_none()
}

fn one(node: &Node, wanted: &Node) {
    if let (Some(element), Some(wanted)) = (node.dyn_ref::<Element>(), wanted.dyn_ref::<Element>()) {
        attributes(element, wanted);
        children(node, wanted);
    } else if node.node_value() != wanted.node_value() {
        node.set_node_value(wanted.node_value().as_deref());
    }
}

fn attributes(element: &Element, wanted: &Element) {
    let names = |element: &Element| {
        element.get_attribute_names().to_vec().into_iter().filter_map(|name| name.as_string())
    };
    for name in names(wanted) {
        let value = wanted.get_attribute(&name).unwrap_or_default();
        if element.get_attribute(&name).as_ref() != Some(&value) {
            let _ = element.set_attribute(&name, &value);
        }
    }
    for name in names(element).filter(|name| !OURS.contains(&name.as_str()) && !wanted.has_attribute(name)) {
        let _ = element.remove_attribute(&name);
    }
}
