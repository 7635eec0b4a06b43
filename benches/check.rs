//! `swip check` against a plain loop over the same file: time, memory, growth, start-up, and
//! instructions per row.
//!
//! `cargo bench --bench check -- [ROWS…]` prints the tables (default 100,000 and 1,000,000 rows);
//! `-- generate SHAPE ROWS DIRECTORY` writes a plan. Times are medians of interleaved runs and are
//! given as ratios: nothing is asserted. The floor is one thread that reads the `ByteRecord`s of
//! the file with the `csv` crate and does nothing else, in a process of its own. The same on every
//! core at once tells how much slower a core of this machine is while the others work: a check has
//! no cores of its own where that is far from 1. Callgrind counts
//! instructions, which a busy machine does not disturb: each stage is run once and twice, and the
//! difference is divided by the rows.
#![expect(clippy::print_stdout, reason = "it prints what it measured")]

mod plans;
mod stages;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use plans::Shape;

/// Interleaved runs of which the median is given.
const RUNS: usize = 5;
/// Runs of a start-up, which takes milliseconds.
const START_RUNS: usize = 51;
/// Rows of a plan where none are asked for.
const ROWS: [u64; 2] = [100_000, 1_000_000];
/// Rows whose instructions are counted.
const COUNTED_ROWS: u64 = 20_000;
/// Memory that does not count as that of rows.
const BASE_BYTES: u64 = 32_000_000;
/// Rows of the smallest plan.
const FEW_ROWS: u64 = 10;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["floor", plan] => {
            println!("{}", stages::floor(Path::new(plan))?);
            Ok(())
        }
        ["stage", name, plan, parents, passes] => {
            stages::run(name, Path::new(plan), Path::new(parents), passes.parse()?)
        }
        ["generate", shape, rows, directory] => {
            let known = Shape::ALL.into_iter().find(|known| known.name() == *shape);
            let shape = known
                .ok_or("the shape is one of mixed clean faulty one-parent nested identical")?;
            let (plan, _) = plans::write(Path::new(directory), shape, rows.parse()?)?;
            println!("{}", plan.display());
            Ok(())
        }
        [] => tables(&ROWS),
        sizes => {
            let sizes: Result<Vec<u64>, _> = sizes.iter().map(|rows| rows.parse()).collect();
            tables(&sizes?)
        }
    }
}

/// What one run took, or the median of several; of processor time the least, since only that is
/// left alone by a busy machine, and of memory the most.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    wall: Duration,
    /// Seconds of all its threads and most memory it held, where GNU time tells.
    told: Option<(f64, u64)>,
}

/// Runs a program to its end, without its output.
fn run(program: &Path, arguments: &[&str]) -> Outcome<Run> {
    let started = Instant::now();
    let output = if Path::new(GNU_TIME).exists() {
        Command::new(GNU_TIME).args(["-f", "%U %S %M"]).arg(program).args(arguments).output()?
    } else {
        Command::new(program).args(arguments).output()?
    };
    let wall = started.elapsed();
    let told = String::from_utf8_lossy(&output.stderr);
    let words: Vec<&str> = told.lines().last().unwrap_or_default().split(' ').collect();
    let told = match words.as_slice() {
        [user, system, kilobytes] => {
            let seconds = user.parse::<f64>().ok().zip(system.parse::<f64>().ok());
            seconds.map(|(user, system)| user + system).zip(kilobytes.parse().ok())
        }
        _ => None,
    };
    Ok(Run { wall, told })
}

/// Tells the memory of a process.
const GNU_TIME: &str = "/usr/bin/time";

fn median(mut runs: Vec<Run>) -> Run {
    runs.sort_unstable_by_key(|run| run.wall);
    let seconds = runs.iter().filter_map(|run| Some(run.told?.0)).min_by(f64::total_cmp);
    let kilobytes = runs.iter().filter_map(|run| Some(run.told?.1)).max();
    Run { told: seconds.zip(kilobytes), ..runs.get(runs.len() / 2).copied().unwrap_or_default() }
}

/// Medians over one plan, run in turns.
struct Measured {
    check: Run,
    floor: Run,
    /// The floor on every core at once.
    crowd: Run,
}

fn measure(plan: &Path, parents: &Path, format: &str) -> Outcome<Measured> {
    let (plan, parents) = (plan.display().to_string(), parents.display().to_string());
    let own = std::env::current_exe()?;
    let (mut checks, mut floors, mut crowds) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let arguments = ["check", &plan, "--parents", &parents, "--format", format];
        checks.push(run(Path::new(SWIP), &arguments)?);
        floors.push(run(&own, &["floor", &plan])?);
        crowds.push(on_every_core(&own, &["floor", &plan])?);
    }
    Ok(Measured { check: median(checks), floor: median(floors), crowd: median(crowds) })
}

/// Runs a program once for each core, all at the same time.
fn on_every_core(program: &Path, arguments: &[&str]) -> Outcome<Run> {
    let cores = std::thread::available_parallelism()?.get();
    let started = Instant::now();
    let start = |_| Command::new(program).args(arguments).stdout(Stdio::null()).spawn();
    let started_all: Result<Vec<_>, _> = (0..cores).map(start).collect();
    for mut child in started_all? {
        child.wait()?;
    }
    Ok(Run { wall: started.elapsed(), told: None })
}

const SWIP: &str = env!("CARGO_BIN_EXE_swip");

fn tables(sizes: &[u64]) -> Outcome<()> {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    println!(
        "shape       format        rows   swip check      csv floor    ratio   floor on every core   processor time, peak memory, beyond 32 MB"
    );
    for shape in Shape::ALL {
        let mut before: Option<(u64, Duration)> = None;
        for rows in sizes {
            let (plan, parents) = plans::write(&directory, shape, *rows)?;
            // Where nearly every row has a finding, what is measured is their stream.
            let formats: &[&str] =
                if shape == Shape::Faulty { &["text", "csv"] } else { &["text"] };
            for format in formats {
                let measured = measure(&plan, &parents, format)?;
                line(shape, format, *rows, &measured);
                let check = measured.check;
                if let Some((fewer, took)) = before.filter(|_| *format == "text") {
                    println!(
                        "            grows with exponent {:.3}",
                        exponent(fewer, took, *rows, check.wall)
                    );
                }
                if *format == "text" {
                    before = Some((*rows, check.wall));
                }
            }
        }
    }
    start_up(&directory)?;
    instructions(&directory)
}

fn line(shape: Shape, format: &str, rows: u64, measured: &Measured) {
    let Measured { check, floor, crowd } = *measured;
    let ratio = |run: Run| run.wall.as_secs_f64() / floor.wall.as_secs_f64();
    let memory = check.told.zip(floor.told).map_or_else(String::new, |(check, floor)| {
        let beyond = (check.1 * 1024).saturating_sub(BASE_BYTES);
        let (ratio, beyond) = (check.0 / floor.0, as_f64(beyond) / as_f64(rows));
        format!("{ratio:>5.2} ×  {:>8} MiB  {beyond:>5.1} B a row", check.1 / 1024)
    });
    println!(
        "{:<11} {format:<6} {rows:>11}   {:>8.1} ms   {:>9.1} ms   {:>5.2} ×   {:>17.2} ×   {memory}",
        shape.name(),
        milliseconds(check.wall),
        milliseconds(floor.wall),
        ratio(check),
        ratio(crowd),
    );
}

fn exponent(fewer: u64, took: Duration, rows: u64, takes: Duration) -> f64 {
    (takes.as_secs_f64() / took.as_secs_f64()).ln() / (as_f64(rows) / as_f64(fewer)).ln()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "shown with few digits")]
const fn as_f64(number: u64) -> f64 {
    number as f64
}

/// How long it takes until a small answer is there, beside the least a process takes.
fn start_up(directory: &Path) -> Outcome<()> {
    let (plan, parents) = plans::write(directory, Shape::Clean, FEW_ROWS)?;
    let (plan, parents) = (plan.display().to_string(), parents.display().to_string());
    let check: &[&str] = &["check", &plan, "--parents", &parents];
    let programs: [(&str, &str, &[&str]); 3] = [
        ("/bin/true", "/bin/true", &[]),
        ("swip --version", SWIP, &["--version"]),
        ("swip check, 10 rows", SWIP, check),
    ];
    let mut runs = [const { Vec::new() }; 3];
    for _ in 0..START_RUNS {
        for ((_, program, arguments), runs) in programs.iter().zip(&mut runs) {
            let mut command = Command::new(program);
            command.args(*arguments).stdout(Stdio::null()).stderr(Stdio::null());
            let started = Instant::now();
            command.status()?;
            runs.push(Run { wall: started.elapsed(), told: None });
        }
    }
    println!("\nstart-up                    median   to /bin/true");
    let mut least = None;
    for ((name, ..), runs) in programs.iter().zip(runs) {
        let wall = median(runs).wall;
        let least = *least.get_or_insert(wall);
        let ratio = wall.as_secs_f64() / least.as_secs_f64();
        println!("{name:<22} {:>8.2} ms   {ratio:>8.1} ×", milliseconds(wall));
    }
    Ok(())
}

/// Instructions per row of every stage, on one thread.
fn instructions(directory: &Path) -> Outcome<()> {
    let (plan, parents) = plans::write(directory, Shape::Mixed, COUNTED_ROWS)?;
    println!("\nstage       instructions a row, {COUNTED_ROWS} rows, one thread");
    for stage in stages::NAMES {
        let once = counted(stage, &plan, &parents, 1)?;
        let twice = counted(stage, &plan, &parents, 2)?;
        match (once, twice) {
            (Some(once), Some(twice)) => {
                println!("{stage:<11} {:>9}", twice.saturating_sub(once) / COUNTED_ROWS);
            }
            _ => {
                println!("not counted: Callgrind (valgrind) is not here");
                break;
            }
        }
    }
    Ok(())
}

/// All instructions of a stage that is run so many times; `None` without Callgrind.
fn counted(stage: &str, plan: &Path, parents: &Path, passes: u32) -> Outcome<Option<u64>> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    command.arg(std::env::current_exe()?).args(["stage", stage]).arg(plan).arg(parents);
    command.arg(passes.to_string()).env("RAYON_NUM_THREADS", "1");
    let Ok(output) = command.output() else { return Ok(None) };
    let told = String::from_utf8_lossy(&output.stderr);
    let collected = told.lines().find_map(|line| line.split_once("Collected : "));
    Ok(collected.and_then(|(_, count)| count.trim().parse().ok()))
}
