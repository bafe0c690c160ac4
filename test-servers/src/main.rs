//! `test-servers postgres redis` starts these servers for tests that are not written in Rust. It prints their URLs as one
//! line of JSON, and ends them when its input ends. The input lines `kill NAME` and `resurrect NAME` are carried out and
//! answered by the line `done`.

use std::io::BufRead as _;
use std::process::ExitCode;
use test_servers::{BoxError, Postgres, Redis};

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    match run(&wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("test-servers: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(wanted: &[String]) -> Result<(), BoxError> {
    if wanted.is_empty() || wanted.iter().any(|name| name != "postgres" && name != "redis") {
        return Err("say which: test-servers postgres redis".into());
    }
    let is_wanted = |name: &str| wanted.iter().any(|one| one == name);
    let mut postgres = is_wanted("postgres").then(Postgres::start).transpose()?;
    let mut redis = is_wanted("redis").then(Redis::start).transpose()?;
    let mut addresses = Vec::new();
    if let Some(postgres) = &postgres {
        addresses.push(format!(r#""postgres":"{}""#, postgres.database()?));
    }
    if let Some(redis) = &redis {
        addresses.push(format!(r#""redis":"{}""#, redis.url()));
    }
    println!("{{{}}}", addresses.join(","));
    for line in std::io::stdin().lock().lines() {
        match (line?.as_str(), &mut postgres, &mut redis) {
            ("kill postgres", Some(postgres), _) => postgres.kill()?,
            ("resurrect postgres", Some(postgres), _) => postgres.resurrect()?,
            ("kill redis", _, Some(redis)) => redis.kill()?,
            ("resurrect redis", _, Some(redis)) => redis.resurrect()?,
            (other, ..) => return Err(format!("what is {other:?}?").into()),
        }
        println!("done");
    }
    Ok(())
}
