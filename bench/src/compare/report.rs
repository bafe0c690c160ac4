//! The report in Markdown.

use super::figure::{DRIFT, Spread, number};
use super::kind::Kind;
use super::measures::Measure;
use super::results::Results;
use super::targets::{self, Bound, Target};
use std::fmt::Write as _;

/// The markers around the generated part of a document.
pub const MARKERS: (&str, &str) = ("<!-- measured: begin -->", "<!-- measured: end -->");

/// The cores taken by the load above which it may limit a figure.
const BUSY: f64 = 0.9;

/// The whole report as Markdown. `chart`: the file name of the chart, beside the document.
#[must_use]
pub fn markdown(results: &Results, chart: &str) -> String {
    let mut text = String::new();
    let versions = results.versions.join(" · ");
    let _ = writeln!(
        text,
        "Made by `{}` on {}, in {} blocks.\n\n{}\n\n{versions}\n",
        results.command, results.date, results.blocks, results.machine
    );
    let _ =
        writeln!(text, "### Targets\n\n| measure | target | result, with its spread | |\n|---|---|---|---|");
    for target in targets::ALL {
        text.push_str(&target_row(&target, results));
    }
    let _ = writeln!(text, "\n![Costs and rates as multiples of the bare limit's]({chart})\n");
    let lines = disturbances(results);
    let _ = writeln!(text, "### Missed targets and disturbances\n");
    for line in &lines {
        let _ = writeln!(text, "- {line}");
    }
    if lines.is_empty() {
        let _ = writeln!(text, "None in this run.");
    }
    for measure in results.measures() {
        text.push_str(&section(measure, results));
    }
    text
}

/// Puts the report between the markers of a document.
///
/// # Errors
/// The document has no markers.
pub fn into_document(document: &str, report: &str) -> Result<String, String> {
    let (before, rest) = document.split_once(MARKERS.0).ok_or_else(|| format!("no {}", MARKERS.0))?;
    let (_, after) = rest.split_once(MARKERS.1).ok_or_else(|| format!("no {}", MARKERS.1))?;
    Ok(format!("{before}{}\n\n{}\n{}{after}", MARKERS.0, report.trim(), MARKERS.1))
}

fn bound(bound: Bound) -> String {
    match bound {
        Bound::AtMost(most) => format!("≤ {}", number(most)),
        Bound::AtLeast(least) => format!("≥ {}", number(least)),
        Bound::AtMostTimesLimit(most) => format!("≤ {} × limit", number(most)),
        Bound::AtLeastTimesLimit(least) => format!("≥ {} × limit", number(least)),
        Bound::AtMostTimesNode(most) => format!("≤ {} × Node", number(most)),
        Bound::AtLeastTimesBareLoop(least) => format!("≥ {} × a bare loop, 10 a commit", number(least)),
        Bound::AtMostLongTimesShort(most) => {
            format!("with a long history ≤ {} × that with a short one", number(most))
        }
    }
}

fn target_row(target: &Target, results: &Results) -> String {
    let name = format!("{}: {}", target.measure.title(&results.scale), target.figure);
    match target.found(results) {
        None => format!("| {name} | {} | not measured | |\n", bound(target.bound)),
        Some((found, holds)) => {
            let word = if holds { "held" } else { "**missed**" };
            format!("| {name} | {} | {} | {word} |\n", bound(target.bound), spread(found))
        }
    }
}

fn disturbances(results: &Results) -> Vec<String> {
    let mut lines = Vec::new();
    for target in targets::ALL {
        if let Some((found, false)) = target.found(results) {
            let title = target.measure.title(&results.scale);
            let (asked, found) = (bound(target.bound), spread(found));
            lines.push(format!("Missed: {title}: {}: {found}, target {asked}.", target.figure));
        }
    }
    for left_out in &results.left_out {
        lines.push(format!("Left out: {}: {}.", left_out.kind, left_out.why));
    }
    for entry in &results.entries {
        if let Some(why) = &entry.failure {
            let (kind, title) = (entry.kind, entry.measure.title(&results.scale));
            lines.push(format!("Failed: {kind}, {title}, block {}: {why}.", entry.block + 1));
        }
    }
    for measure in results.measures() {
        let title = measure.title(&results.scale);
        let thrown_out = results.steady(measure).iter().filter(|counts| !**counts).count();
        if thrown_out > 0 {
            let (all, percent) = (results.blocks, DRIFT * 100.0);
            lines.push(format!(
                "Discarded: {title}: {thrown_out} of {all} blocks, in which the limit was more than {percent:.0} % from its \
                 median."
            ));
        }
        for kind in results.kinds(measure) {
            let median = |name: &str| results.spread(measure, kind, name).map_or(0.0, |found| found.most);
            if median("cores taken by the load") > BUSY {
                lines.push(format!(
                    "{title}, {kind}: the load was busy all the time and may be the bottleneck."
                ));
            }
            if median("conversations out of order") > 0.0 {
                lines.push(format!("{title}, {kind}: not all readers saw the same order."));
            }
        }
    }
    lines
}

fn section(measure: Measure, results: &Results) -> String {
    let mut text = format!("\n### {}\n\n{}\n\n", measure.title(&results.scale), measure.explained());
    let names = results.names(measure);
    let kinds = results.kinds(measure);
    let first = names.first().copied().unwrap_or_default();
    let compared = kinds.contains(&Kind::Limit);
    text.push_str("| |");
    if compared {
        let _ = write!(text, " {first} ÷ limit |");
    }
    for name in &names {
        let _ = write!(text, " {name} |");
    }
    let columns = 1 + names.len() + usize::from(compared);
    let _ = writeln!(text, "\n|---|{}", "---:|".repeat(columns - 1));
    for kind in kinds {
        let _ = write!(text, "| {kind} |");
        if compared {
            let ratio = results.ratio(measure, (kind, Kind::Limit), first).map_or("–".to_owned(), spread);
            let _ = write!(text, " {ratio} |");
        }
        for name in &names {
            let value = results.spread(measure, kind, name);
            let _ = write!(text, " {} |", value.map_or("–".to_owned(), |found| number(found.median)));
        }
        text.push('\n');
    }
    text
}

/// The median, with the least and the most.
fn spread(found: Spread) -> String {
    format!("{} ({} to {})", number(found.median), number(found.least), number(found.most))
}

#[cfg(test)]
mod tests {
    use super::super::results::example;
    use super::*;

    #[test]
    fn missed_targets_and_disturbances_are_listed() {
        let mut results = example();
        results.entries[1].failure = Some("1 delivery was lost".into());
        results.entries[5].figures[0].value = 100.0;
        let text = markdown(&results, "chart.svg");
        let bad =
            text.split("### Missed targets and disturbances").nth(1).unwrap().split("###").next().unwrap();
        for said in [
            "Missed: Fan-out",
            "Left out: Django Channels: there is no python3.",
            "1 delivery was lost",
            "Discarded",
        ] {
            assert!(bad.contains(said), "{said} is not in {bad}");
        }
    }

    #[test]
    fn a_table_has_a_cell_in_every_column() {
        let text = markdown(&example(), "chart.svg");
        for table in text.split("\n\n").filter(|part| part.starts_with('|')) {
            let cells: Vec<usize> = table.trim().lines().map(|line| line.matches('|').count()).collect();
            assert!(cells.windows(2).all(|pair| pair[0] == pair[1]), "{table}");
        }
        assert!(text.contains("| Rapport | 1.31 (1.25 to 1.38) |"), "{text}");
    }

    #[test]
    fn only_what_stands_between_the_markers_is_replaced() {
        let document = format!("before\n{}\nold\n{}\nafter\n", MARKERS.0, MARKERS.1);
        let made = into_document(&document, "new").unwrap();
        assert!(made.starts_with("before\n") && made.ends_with("\nafter\n"));
        assert!(made.contains("new") && !made.contains("old"));
        assert_eq!(into_document(&made, "new").unwrap(), made);
        assert!(into_document("nothing", "new").is_err());
    }
}
