//! The results as a bar chart: the first figure of each measure as a multiple of the limit's.

use super::figure::number;
use super::kind::Kind;
use super::results::Results;
use std::fmt::Write as _;

const WIDTH: f64 = 760.0;
const LABELS: f64 = 160.0;
const ROW: f64 = 20.0;

/// An SVG for light and dark backgrounds.
#[must_use]
pub fn svg(results: &Results) -> String {
    let mut rows: Vec<Row> = Vec::new();
    for measure in results.measures() {
        let first = results.names(measure).first().map(|name| (*name).to_owned()).unwrap_or_default();
        let mut bars = Vec::new();
        for kind in results.kinds(measure) {
            if let Some(ratio) = results.ratio(measure, (kind, Kind::Limit), &first) {
                bars.push(Row::Bar(kind, ratio.median));
            }
        }
        if !bars.is_empty() {
            rows.push(Row::Title(format!("{}: {first}, limit = 1", measure.title(&results.scale))));
            rows.append(&mut bars);
        }
    }
    // The axis: powers of ten on both sides of 1, as far as the bars reach.
    let reach = |fold: fn(f64, f64) -> f64, from: f64| rows.iter().filter_map(Row::log).fold(from, fold);
    let (low, high) = (reach(f64::min, -1.0).floor(), reach(f64::max, 1.0).ceil());
    let at = |log: f64| LABELS + (log - low) / (high - low) * (WIDTH - LABELS - 70.0);
    let mut y = 0.0;
    let mut body = String::new();
    for row in &rows {
        match row {
            Row::Title(title) => {
                y += ROW * 1.6;
                let _ = writeln!(body, r#"<text x="0" y="{y}" font-weight="bold">{}</text>"#, escaped(title));
                y += ROW * 0.3;
            }
            Row::Bar(kind, ratio) => {
                let (from, to) = (at(0.0).min(at(ratio.log10())), at(0.0).max(at(ratio.log10())));
                let (top, base, wide) = (y + 3.0, y + 15.0, (to - from).max(1.5));
                let _ = writeln!(
                    body,
                    r#"<text x="0" y="{base:.0}">{kind}</text><rect x="{from:.1}" y="{top:.0}" width="{wide:.1}" height="14" fill="{}"/><text x="{:.1}" y="{base:.0}">{}</text>"#,
                    colour(*kind),
                    to + 6.0,
                    number(*ratio)
                );
                y += ROW;
            }
        }
    }
    let height = y + 10.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\">\n\
         <title>First figures as multiples of the bare limit's, on a logarithmic scale</title>\n\
         <style>text{{font:12px system-ui,sans-serif;fill:#333}}line{{stroke:#999}}\
         @media(prefers-color-scheme:dark){{text{{fill:#ddd}}}}</style>\n\
         <line x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"8\" y2=\"{height:.0}\"/>\n{body}</svg>\n",
        at(0.0)
    )
}

enum Row {
    Title(String),
    Bar(Kind, f64),
}

impl Row {
    fn log(&self) -> Option<f64> {
        match self {
            Self::Bar(_, ratio) => Some(ratio.log10()).filter(|log| log.is_finite()),
            Self::Title(_) => None,
        }
    }
}

fn colour(kind: Kind) -> &'static str {
    match kind {
        Kind::Limit => "#8a8a8a",
        Kind::Node => "#d08a2e",
        Kind::Channels => "#b05050",
        Kind::Rapport => "#2e7fd0",
        Kind::RapportOnPostgres => "#5aa9a0",
        Kind::RapportOfAMillion | Kind::TwoNodes => "#7d6fc0",
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::super::results::example;
    use super::*;

    #[test]
    fn everybody_who_was_compared_has_a_bar() {
        let svg = svg(&example());
        assert_eq!(svg.matches("<rect").count(), 3);
        assert!(svg.contains(">1.31</text>") && svg.contains("Node ws"), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }
}
