//! A run: in each block all programs are started with empty data and measured in turn.

use super::group::StartError;
use super::kind::Kind;
use super::machine;
use super::measures::{Measure, Scale};
use super::results::{Entry, LeftOut, Results};
use super::subject::{Programs, Subject};
use crate::BoxError;
use protocol::Timestamp;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The parameters of a run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The command that repeats the run, for the report.
    pub command: String,
    /// The paths of the programs.
    pub programs: Programs,
    /// The scale.
    pub scale: Scale,
    /// The number of blocks.
    pub blocks: usize,
    /// The measures.
    pub measures: Vec<Measure>,
    /// The programs.
    pub kinds: Vec<Kind>,
}

/// Runs a plan. All programs but the measured one are stopped meanwhile; the order rotates with each block and measure.
///
/// # Errors
/// Rapport or the limit does not start, or this is not Linux. A failed measurement is part of the results.
pub fn run(plan: &Plan, tell: &dyn Fn(&str)) -> Result<Results, BoxError> {
    let mut results = Results {
        command: plan.command.clone(),
        date: today()?,
        machine: machine::machine(),
        versions: machine::versions(&plan.programs),
        scale: plan.scale,
        blocks: plan.blocks,
        left_out: Vec::new(),
        entries: Vec::new(),
    };
    let folder = tempfile::tempdir()?;
    let page = page(plan, folder.path())?;
    let mut kinds = plan.kinds.clone();
    for block in 0..plan.blocks {
        tell(&format!("block {} of {}", block + 1, plan.blocks));
        let mut here: Vec<(Kind, Option<Subject>)> = Vec::new();
        for kind in kinds.clone() {
            if !plan.measures.iter().any(|measure| measure.applies(kind)) {
                continue;
            }
            match start(kind, plan, &page)? {
                Ok(subject) => here.push((kind, Some(subject))),
                Err(why) => {
                    tell(&format!("left out: {kind}: {why}"));
                    kinds.retain(|one| *one != kind);
                    results.left_out.push(LeftOut { kind, why });
                }
            }
        }
        for (at, measure) in plan.measures.iter().enumerate() {
            let turn = (block + at) % here.len().max(1);
            here.rotate_left(turn);
            for (kind, subject) in &mut here {
                if !measure.applies(*kind) {
                    continue;
                }
                let entry = measure_subject((block, *measure, *kind), subject, plan, &page)?;
                tell(&progress_line(&entry, plan));
                results.entries.push(entry);
            }
            here.rotate_right(turn);
        }
    }
    Ok(results)
}

/// The date in UTC.
fn today() -> Result<String, BoxError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros();
    let now = serde_json::to_value(Timestamp(i64::try_from(now)?))?;
    Ok(now.as_str().and_then(|now| now.split('T').next()).ok_or("no date")?.to_owned())
}

/// The page of a room, as a file for the limit to serve.
fn page(plan: &Plan, folder: &Path) -> Result<Option<PathBuf>, BoxError> {
    if !(plan.measures.contains(&Measure::Page) && plan.kinds.contains(&Kind::Rapport)) {
        return Ok(None);
    }
    let rapport = start(Kind::Rapport, plan, &None)??;
    rapport.resume()?;
    let path = folder.join("page.html");
    std::fs::write(&path, rapport.page()?)?;
    Ok(Some(path))
}

/// Starts a program and stops its processes; or the reason why it is left out.
fn start(kind: Kind, plan: &Plan, page: &Option<PathBuf>) -> Result<Result<Subject, String>, BoxError> {
    let ours = kind.is_rapport() || kind == Kind::Limit;
    let mut size = plan.scale.size;
    if kind == Kind::RapportOfAMillion {
        size.messages = plan.scale.long;
    }
    match Subject::start(kind, &plan.programs, size, page.as_deref()) {
        Ok(subject) => {
            subject.pause()?;
            Ok(Ok(subject))
        }
        Err(StartError::NotAvailable(why)) => Ok(Err(why)),
        Err(StartError::Failed(error)) if ours => Err(format!("{kind}: {error}").into()),
        Err(StartError::Failed(error)) => Ok(Err(error.to_string())),
    }
}

/// Measures a program. After a failure it is restarted for the next measure.
fn measure_subject(
    (block, measure, kind): (usize, Measure, Kind),
    place: &mut Option<Subject>,
    plan: &Plan,
    page: &Option<PathBuf>,
) -> Result<Entry, BoxError> {
    if place.is_none() {
        *place = start(kind, plan, page)?.ok();
    }
    let found = match place {
        None => Err("it did not start again".into()),
        Some(subject) => {
            subject.resume()?;
            let found = measure.run(subject, &plan.programs, &plan.scale);
            subject.pause()?;
            found
        }
    };
    let (figures, failure) = match found {
        Ok(figures) => (figures, None),
        Err(error) => {
            *place = None;
            (Vec::new(), Some(error.to_string()))
        }
    };
    Ok(Entry { block, measure, kind, figures, failure })
}

/// The progress line of a measurement.
fn progress_line(entry: &Entry, plan: &Plan) -> String {
    let title = entry.measure.title(&plan.scale);
    let figures: Vec<String> = entry
        .figures
        .iter()
        .map(|figure| format!("{} {}", super::figure::number(figure.value), figure.name))
        .collect();
    let found = entry.failure.as_ref().map_or(figures.join(", "), |why| format!("FAILED: {why}"));
    format!("{title} | {} | {found}", entry.kind)
}
