//! The report: each step as it runs, or all of them as JSON.

use reqwest::StatusCode;
use serde::Serialize;
use std::future::Future;

/// A problem, its likely cause, and the configuration to change.
#[derive(Debug)]
pub(super) struct Problem {
    what: String,
    why: String,
    change: Vec<String>,
    /// The HTTP status that the server or a proxy answered with.
    status: Option<StatusCode>,
    /// The server works, but not as well as it could.
    warning: bool,
}

impl Problem {
    pub(super) fn new(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.into(), change: Vec::new(), status: None, warning: false }
    }

    /// Adds a line of configuration that fixes the problem.
    pub(super) fn change(mut self, line: impl Into<String>) -> Self {
        self.change.push(line.into());
        self
    }

    /// Adds the HTTP status of the response.
    pub(super) fn status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// Whether the response had this HTTP status.
    pub(super) fn is_status(&self, status: StatusCode) -> bool {
        self.status == Some(status)
    }

    /// Marks the problem as a warning.
    pub(super) fn warning(mut self) -> Self {
        self.warning = true;
        self
    }
}

/// A step and its outcome.
#[derive(Debug, Serialize)]
struct Step {
    step: String,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    what: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    change: Vec<String>,
}

/// The steps so far.
#[derive(Debug)]
pub(super) struct Report {
    json: bool,
    steps: Vec<Step>,
}

impl Report {
    pub(super) fn new(json: bool) -> Self {
        Self { json, steps: Vec::new() }
    }

    /// Runs a step and reports it; `None` if it failed.
    pub(super) async fn step<T>(
        &mut self,
        step: &str,
        made: impl Future<Output = Result<T, Problem>>,
    ) -> Option<T> {
        match made.await {
            Ok(value) => {
                self.say(step, None);
                Some(value)
            }
            Err(wrong) => {
                self.say(step, Some(wrong));
                None
            }
        }
    }

    fn say(&mut self, step: &str, wrong: Option<Problem>) {
        let (sign, outcome) = match &wrong {
            None => ('✓', "good"),
            Some(wrong) if wrong.warning => ('⚠', "warning"),
            Some(_) => ('✗', "failed"),
        };
        if !self.json {
            match &wrong {
                None => println!("{sign} {step}"),
                Some(wrong) => {
                    println!("{sign} {step}: {}", wrong.what);
                    println!("  Likely cause: {}.", wrong.why);
                    for line in &wrong.change {
                        println!("  Change: {line}");
                    }
                }
            }
        }
        let (what, cause, change) = match wrong {
            None => (None, None, Vec::new()),
            Some(Problem { what, why, change, .. }) => (Some(what), Some(why), change),
        };
        self.steps.push(Step { step: step.into(), outcome, what, cause, change });
    }

    fn count(&self, outcome: &str) -> usize {
        self.steps.iter().filter(|step| step.outcome == outcome).count()
    }

    /// Prints the summary; returns whether no step failed.
    pub(super) fn end(&self, url: &str) -> bool {
        let (failed, warnings) = (self.count("failed"), self.count("warning"));
        if self.json {
            let whole = serde_json::json!({ "address": url, "good": failed == 0, "steps": self.steps });
            println!("{whole:#}");
        } else {
            match (failed, warnings) {
                (0, 0) => println!("All steps passed."),
                (0, 1) => println!("The server works, with 1 warning."),
                (0, _) => println!("The server works, with {warnings} warnings."),
                (1, _) => println!("1 step failed."),
                _ => println!("{failed} steps failed."),
            }
        }
        failed == 0
    }
}
