//! Telling of the steps.

/// What went wrong, and why perhaps.
#[derive(Debug)]
pub(super) struct Wrong {
    what: String,
    why: String,
}

impl Wrong {
    pub(super) fn new(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.into() }
    }
}

/// The steps so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    step: Option<&'static str>,
}

impl Report {
    /// The step before went well; this one begins.
    pub(super) fn begin(&mut self, step: &'static str) {
        self.done();
        self.step = Some(step);
    }

    /// The last step went well.
    pub(super) fn done(&mut self) {
        if let Some(step) = self.step.take() {
            println!("✓ {step}");
        }
    }

    /// The step that was begun did not go well.
    pub(super) fn failed(&mut self, wrong: &Wrong) {
        println!("✗ {}: {}", self.step.take().unwrap_or("The check"), wrong.what);
        println!("  Likely cause: {}.", wrong.why);
    }
}
