//! The comparison benchmark: Rapport, a bare limit and other programs under the same load, in one run on one machine.

pub mod chart;
mod command;
pub mod figure;
pub mod fixture;
pub mod group;
mod kind;
pub mod load;
mod machine;
pub mod measures;
mod rapport;
pub mod report;
pub mod results;
mod run;
pub mod subject;
pub mod targets;

pub use command::{Arguments, compare};
pub use run::{Plan, run};
