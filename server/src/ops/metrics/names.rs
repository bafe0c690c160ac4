//! Metrics of the server; those of the domain are in the `chat` crate.

use protocol::CloseCode;

chat::declare_metrics! {
    counter "rapport_http_requests_total" "Requests by method, route (its pattern, `other` for files and what is not there) and status" {}
    histogram "rapport_http_seconds" "How long an answer took, by route; a poll is held for up to 25 s" {}
    counter "rapport_socket_closes_total" "Sockets that ended, by close code (1006: without a goodbye)" {}
    counter "rapport_sign_ins_total" "Attempts with a password: right, wrong, right but suspended, or too many" {
        SIGN_INS_OK: result = "ok", SIGN_INS_WRONG: result = "wrong",
        SIGN_INS_SUSPENDED: result = "suspended", SIGN_INS_THROTTLED: result = "throttled"
    }
    gauge "rapport_database_up" "Whether the database answers (1)" { DATABASE_UP }
    gauge "rapport_build_info" "Always 1; its label says which version runs" {}
    gauge "process_resident_memory_bytes" "Memory in use" { MEMORY }
    gauge "process_open_fds" "Files and sockets that are open" { OPEN_FDS }
    gauge "process_max_fds" "How many files and sockets may be open" { MAX_FDS }
    counter "process_cpu_seconds_total" "Processor time spent, in whole seconds" { CPU }
    gauge "process_start_time_seconds" "When the process began, in seconds since 1970" { STARTED }
}

/// Counts a closed socket. Unknown codes, which a client may choose, are counted as `other`.
pub(crate) fn closed(code: u16) {
    let is_known = CloseCode::from_code(code).is_some()
        || matches!(code, CloseCode::GOING_AWAY | CloseCode::NO_STATUS | CloseCode::ABNORMAL);
    let code = if is_known { code.to_string() } else { "other".to_owned() };
    metrics::counter!("rapport_socket_closes_total", "code" => code).increment(1);
}
