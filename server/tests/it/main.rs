//! Rapport on a real port. Names carry the ids of the faults and features that they hold the server to.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod backup;
mod backup_postgres;
mod browsers;
mod check;
mod check_nginx;
mod check_tls;
mod cluster;
mod compare;
mod crash;
mod demo;
mod deploy;
mod faults;
mod fixture;
mod forms;
mod frames;
mod full;
mod history;
mod lines;
mod listing;
mod logs;
mod may;
mod metrics;
mod noise;
mod people;
mod postgres;
mod presence;
mod program;
mod receipts;
mod support;
mod troubleshooting;
mod who;
