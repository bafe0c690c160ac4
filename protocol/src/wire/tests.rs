//! The wire's two readers and writers are one: whatever serde writes is read here as serde reads it, and the other way.

mod values;

use super::{Json, Read, Write, read, write};
use crate::*;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use values::*;

/// Both read the same from what serde wrote, with a field more, with each field taken away, and with each made null.
fn agrees<T: Read + DeserializeOwned + serde::Serialize + PartialEq + std::fmt::Debug>(value: &T) {
    let json = serde_json::to_value(value).expect("serde writes it");
    assert_eq!(read::<T>(&json.to_string()).as_ref(), Some(value), "{json}");
    let mut others = Vec::new();
    vary(&json, &mut |other| others.push(other));
    for other in others {
        let text = other.to_string();
        assert_eq!(read::<T>(&text), serde_json::from_str::<T>(&text).ok(), "{text}");
    }
}

/// Each way to spoil one thing somewhere in it.
fn vary(json: &serde_json::Value, found: &mut dyn FnMut(serde_json::Value)) {
    use serde_json::{Value, json};
    for other in
        [Value::Null, json!(true), json!(1), json!(-1), json!(0.5), json!("odd"), json!([]), json!({})]
    {
        // An empty list is what serde would take for an object without required fields; we never do.
        if !(json.is_object() && other.is_array()) {
            found(other);
        }
    }
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                let mut less = fields.clone();
                less.remove(name);
                found(Value::Object(less));
                let mut more = fields.clone();
                more.insert(format!("{name}_"), value.clone());
                found(Value::Object(more));
                vary(value, &mut |other| {
                    let mut varied = fields.clone();
                    varied.insert(name.clone(), other);
                    found(Value::Object(varied));
                });
            }
        }
        Value::Array(items) => {
            if let Some(first) = items.first() {
                vary(first, &mut |other| found(Value::Array([&[other], &items[1..]].concat())));
            }
        }
        _ => {}
    }
}

fn writes_alike<T: Write + serde::Serialize>(value: &T) {
    assert_eq!(write(value), serde_json::to_string(value).expect("serde writes it"));
}

/// The tree that serde makes of the same text.
fn same(ours: &Json, theirs: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (ours, theirs) {
        (Json::Null, Value::Null) => true,
        (Json::Bool(a), Value::Bool(b)) => a == b,
        (Json::Int(a), Value::Number(b)) => Some(*a) == b.as_i64(),
        (Json::Float(a), Value::Number(b)) => {
            b.as_i64().is_none() && b.as_f64().is_some_and(|b| *a == b || (a / b - 1.0).abs() < 1e-12)
        }
        (Json::Text(a), Value::String(b)) => a == b,
        (Json::List(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        // Of two fields of one name serde's tree keeps the last.
        (Json::Map(a), Value::Object(b)) => b.iter().all(|(name, b)| {
            a.iter().rev().find(|(known, _)| known == name).is_some_and(|(_, a)| same(a, b))
        }),
        _ => false,
    }
}

fn parses_alike(text: &str) {
    match (Json::parse(text), serde_json::from_str::<serde_json::Value>(text)) {
        (Some(ours), Ok(theirs)) => assert!(same(&ours, &theirs), "{text:?}: {ours:?}"),
        (None, Err(_)) => {}
        (ours, theirs) => panic!("{text:?}: {ours:?} against {theirs:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_the_server_says_is_read_as_serde_reads_it(frame in server_frame()) {
        agrees(&frame);
    }

    #[test]
    fn answers_to_polls_and_people_are_read_as_serde_reads_them(
        frames in vec(server_frame(), 0..2), bits in any::<u128>(), batch in 0..u64::MAX / 2, people in vec(person(), 0..3),
    ) {
        let answer = PollAnswer { mailbox: uuid::Uuid::from_u128(bits), batch, frames };
        prop_assert_eq!(read::<PollAnswer>(&serde_json::to_string(&answer).expect("writes")), Some(answer));
        agrees(&people);
    }

    #[test]
    fn what_a_client_says_is_written_as_serde_writes_it(
        frames in vec(client_frame(), 0..4), sync in sync_request(), mailbox in of(any::<u128>()), batch in 0..u64::MAX / 2,
    ) {
        writes_alike(&frames);
        writes_alike(&PollRequest { mailbox: mailbox.map(uuid::Uuid::from_u128), batch, wait: batch % 2 == 0, sync });
    }

    #[test]
    fn any_text_is_read_or_refused_as_serde_does(text in any::<String>(), near in "[-+.0-9eE\\[\\]{}:, \"\\\\a-fnrtu\n]{0,24}") {
        parses_alike(&text);
        parses_alike(&near);
        parses_alike(&serde_json::to_string(&text).expect("writes"));
    }

    #[test]
    fn numbers_are_those_of_serde(number in any::<f64>(), int in any::<i64>(), big in any::<u64>(), digits in "-?[0-9]{1,30}(\\.[0-9]{1,30})?(e[-+]?[0-9]{1,3})?") {
        parses_alike(&int.to_string());
        parses_alike(&big.to_string());
        // What is next to nothing or to infinity may round to it.
        prop_assume!(number.is_normal() && (1e-290..1e290).contains(&number.abs()));
        parses_alike(&number.to_string());
        let close = digits.parse::<f64>().is_ok_and(|n| n == 0.0 || (1e-290..1e290).contains(&n.abs()));
        if close { parses_alike(&digits); }
    }
}

#[test]
fn odd_texts_are_read_or_refused_as_serde_does() {
    for text in [
        "",
        " ",
        "nul",
        "nulll",
        "[1,]",
        "[,1]",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}",
        "01",
        "-",
        "-0",
        "1.",
        ".5",
        "1e",
        "1e+",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\ude00\"",
        "\"\\ud83dx\"",
        "\"\\ud83d\\u0041\"",
        "\"\\u00e9\"",
        "\"\\x\"",
        "\"a\nb\"",
        "\"\u{0}\"",
        "\u{0}",
        "\u{feff}1",
        " [ 1 , { \"a\" : [ ] } ] ",
        "1 2",
        "[1",
        "{",
        "\"",
        "\"\\",
        "\"\\u",
        "1e999",
        "-1e999",
        "tru",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "\"\\u+123\"",
        "1e-999",
    ] {
        parses_alike(text);
    }
    for depth in [1, 100, 126, 127, 128, 129, 10_000] {
        parses_alike(&("[".repeat(depth) + &"]".repeat(depth)));
        parses_alike(&"[".repeat(depth));
    }
}
