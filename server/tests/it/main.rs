//! Tests of the server on a real port. Names begin with the id of the fault or feature that they test.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod authentication;
mod backup;
mod backup_postgres;
mod check;
mod check_caddy;
mod check_nginx;
mod check_tls;
mod cluster;
mod compare;
mod conversation_list;
mod crash;
mod creation;
mod cross_site;
mod delivery;
mod demo;
mod deploy;
mod erasure;
mod fixture;
mod forms;
mod frames;
mod full_disk;
mod fuzz;
mod history;
mod http_bodies;
mod http_timeouts;
mod installation;
mod logs;
mod metrics;
mod permissions;
mod postgres;
mod presence;
mod profiles;
mod program;
mod rate_limits;
mod receipts;
mod refusals;
mod slow_clients;
mod support;
mod throttle;
mod troubleshooting;
mod visitors;
