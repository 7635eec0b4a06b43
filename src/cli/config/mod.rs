//! The config file `swip.toml`: any option of any command, and what only a file can say.
//!
//! Its values become defaults of the arguments before these are parsed, so the order is: command
//! line, environment, `[command]` table, top of the file, built-in default. Owns finding and
//! reading the file. Must not know: what an option does.

mod apply;
mod settings;
pub(super) mod show;
mod value;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use clap::Command;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::failure::Failure;
use crate::domain::OrgHandle;
pub use settings::{OrgSettings, Settings};
use value::Place;

/// Name of the file that is taken from the working directory when none is given.
pub const FILE_NAME: &str = "swip.toml";
/// Environment variable that may name the file.
pub const VARIABLE: &str = "SWIP_CONFIG";
/// The table of limits.
const LIMITS: &str = "limits";
/// The table of the orgs' own settings.
const ORGS: &str = "orgs";
/// Permission bit of a file that everyone may change.
const OTHERS_WRITE: u32 = 0o002;
/// Permission bits of a file that its group or everyone may change.
const NOT_ONLY_OWNER_WRITES: u32 = 0o022;

/// A setting as the file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The table's command; `None` at the top of the file.
    pub(super) command: Option<String>,
    /// The option's long name, with hyphens.
    pub(super) name: String,
    /// Its values as the command line would give them; several only for repeatable options.
    pub(super) values: Vec<String>,
    /// Line in the file.
    pub(super) line: usize,
}

/// The config file, checked against the options that exist.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Where it lies; `None` when there is none.
    pub path: Option<PathBuf>,
    /// Options.
    pub(super) entries: Vec<Entry>,
    /// What is no option.
    pub settings: Settings,
    /// Lines of the site's settings.
    pub(super) site: BTreeMap<String, usize>,
    /// Lines of its limits.
    pub(super) limits: BTreeMap<String, usize>,
}

impl Config {
    /// Finds and reads the file: `--config`, else [`VARIABLE`], else [`FILE_NAME`] in the working
    /// directory.
    ///
    /// # Errors
    /// A file that cannot be read or says what no option knows, with its line (exit 2).
    pub fn find(args: &[OsString], command: impl FnOnce() -> Command) -> Result<Self, Failure> {
        let given = named(args).or_else(|| {
            std::env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from)
        });
        let path = match given {
            Some(path) => {
                trusted(&path, OTHERS_WRITE, false)?;
                path
            }
            None if Path::new(FILE_NAME).exists() => {
                trusted(Path::new(FILE_NAME), NOT_ONLY_OWNER_WRITES, true)?;
                PathBuf::from(FILE_NAME)
            }
            None => return Ok(Self::default()),
        };
        let text = std::fs::read_to_string(&path).map_err(|e| {
            Failure::usage(format!("cannot read the config {}: {e}", path.display()))
        })?;
        Self::parse(&text, &path, &command())
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// As [`Config::find`].
    pub fn parse(text: &str, path: &Path, command: &Command) -> Result<Self, Failure> {
        let place = Place { text, path };
        let table = DeTable::parse(text)
            .map_err(|fault| Failure::usage(format!("{}: {fault}", path.display())))?;
        let mut config = Self { path: Some(path.to_owned()), ..Self::default() };
        for (key, value) in table.get_ref() {
            let name = key.get_ref().as_ref();
            match value.get_ref() {
                DeValue::Table(orgs) if name == ORGS => config.orgs(orgs, &place)?,
                DeValue::Table(limits) if name == LIMITS => {
                    for (key, value) in limits {
                        settings::limit(&mut config.settings.limits, key, value, &place)?;
                        let line = place.line(&key.span());
                        config.limits.insert(key.get_ref().to_string(), line);
                    }
                }
                DeValue::Table(table) => {
                    let Some(of) = command.find_subcommand(name) else {
                        let known = command.get_subcommands().map(Command::get_name);
                        return Err(place.unknown(key, "command", known.chain([ORGS, LIMITS])));
                    };
                    for (key, value) in table {
                        let table = Some((name, of));
                        config.entries.push(value::entry(key, value, command, table, &place)?);
                    }
                }
                _ if config.settings.take(name, value, &place)? => {
                    config.site.insert(name.to_owned(), place.line(&key.span()));
                }
                _ => config.entries.push(value::entry(key, value, command, None, &place)?),
            }
        }
        Ok(config)
    }

    fn orgs(&mut self, orgs: &DeTable<'_>, place: &Place<'_>) -> Result<(), Failure> {
        for (org, value) in orgs {
            let handle: OrgHandle = org
                .get_ref()
                .parse()
                .map_err(|fault| place.fault(org.span(), &format!("[{ORGS}]: {fault}")))?;
            let settings = OrgSettings::read(value, place)?;
            self.settings.orgs.insert(handle, settings);
        }
        Ok(())
    }

    /// The entry that decides about an option of a command: the command's table first.
    pub(super) fn entry(&self, command: Option<&str>, option: &str) -> Option<&Entry> {
        let of = |table: Option<&str>| {
            self.entries.iter().find(|e| e.command.as_deref() == table && e.name == option)
        };
        command.and_then(|_| of(command)).or_else(|| of(None))
    }

    /// `swip.toml:7`, as messages name the origin of a value.
    pub(super) fn origin(&self, entry: &Entry) -> String {
        self.at(entry.line)
    }

    /// A line of the file, as messages name it.
    pub(super) fn at(&self, line: usize) -> String {
        let path = self.path.as_deref().unwrap_or(Path::new(FILE_NAME));
        format!("{}:{line}", path.display())
    }

    /// Makes the file's values the defaults of the arguments.
    #[must_use]
    pub fn apply(&self, command: Command) -> Command {
        apply::apply(self, command)
    }

    /// A parser's complaint, with the file's line where the value came from there.
    #[must_use]
    pub fn explain(&self, fault: &clap::Error, args: &[OsString]) -> Option<String> {
        apply::explain(self, fault, args)
    }
}

/// The file that `--config` names; everything behind `--` is no option.
fn named(args: &[OsString]) -> Option<PathBuf> {
    let mut args = args.iter().take_while(|arg| *arg != "--");
    while let Some(arg) = args.next() {
        if arg == "--config" {
            return args.next().map(PathBuf::from);
        }
        if let Some(path) = arg.to_str().and_then(|text| text.strip_prefix("--config=")) {
            return Some(PathBuf::from(path));
        }
    }
    None
}

/// Refuses a file that someone else could have written: it names the host that gets the key.
fn trusted(path: &Path, writers: u32, own: bool) -> Result<(), Failure> {
    let fault = |what: &str| {
        let path = path.display();
        Failure::usage(format!("the config {path} {what}; it decides which host gets the API key"))
    };
    let Ok(facts) = std::fs::metadata(path) else { return Ok(()) };
    if facts.mode() & writers != 0 {
        return Err(fault("can be changed by others: run chmod go-w on it"));
    }
    // Files in /proc/self belong to the user the process runs as.
    let user = std::fs::metadata("/proc/self").map(|own| own.uid()).unwrap_or(facts.uid());
    if own && facts.uid() != user && facts.uid() != 0 {
        return Err(fault("belongs to someone else: name it with --config if you trust it"));
    }
    Ok(())
}

/// What the key of a spanned entry is called in messages.
type Key<'k> = Spanned<toml::de::DeString<'k>>;

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::args::Cli;
    use crate::regrws::Limits;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("/etc/swip/swip.toml"), &Cli::command())
            .map_err(|fault| fault.message)
    }

    #[test]
    fn options_tables_settings_and_orgs_are_told_apart() {
        let config = parse(
            "registry = \"ote\"\nembedded_customer_atomic = true\nreport = \"out\"\n\
             [submit]\nrate = \"1/s\"\nconcurrency = 2\nskip-invalid = true\nonly = [\"1\", \"2\"]\n\
             [orgs.\"EXAMPLE-1\"]\napi_key_file = \"keys/one\"\n\
             [limits]\nread_tries = 5\nconnect_timeout = \"3s\"\n",
        )
        .unwrap();
        let limits = &config.settings.limits;
        assert_eq!((limits.read_tries, limits.connect_timeout.as_secs()), (5, 3));
        assert_eq!(limits.pauses_max, Limits::DEFAULT.pauses_max);
        assert!(config.settings.embedded_customer_atomic);
        let org = "EXAMPLE-1".parse().unwrap();
        assert_eq!(config.settings.key_file(&org), Some(Path::new("/etc/swip/keys/one")));
        let values = |command, name| config.entry(command, name).map(|e| e.values.clone());
        assert_eq!(values(Some("submit"), "rate").unwrap(), ["1/s"]);
        assert_eq!(values(Some("submit"), "only").unwrap(), ["1", "2"]);
        assert_eq!(values(Some("resume"), "rate"), None);
        assert_eq!(values(None, "report").unwrap(), ["/etc/swip/out"], "relative to the file");
    }

    #[test]
    fn faults_name_the_line_and_the_nearest_name() {
        for (text, line, near) in [
            ("registry = \"ote\"\nreprt = \"x\"", ":2:", "`report`"),
            ("[submitt]\nrate = \"1/s\"", ":1:", "`submit`"),
            ("[submit]\nratee = \"1/s\"", ":2:", "`rate`"),
            ("[check]\nrate = \"1/s\"", ":2:", "no option of `swip check`"),
            ("\ndry_run = 1", ":2:", "true or false"),
            ("rate = [\"1/s\", \"2/s\"]", ":1:", "once"),
            ("embedded_customer_atomic = \"yes\"", ":1:", "true or false"),
            ("[orgs.\"bad handle\"]\napi_key_file = \"k\"", ":1:", "orgs"),
            ("[limits]\nread_tries = 0", ":2:", "from 1 on"),
            ("[limits]\nread_trys = 2", ":2:", "`read_tries`"),
            ("[limits]\npause = 3", ":2:", "250ms"),
            ("[orgs.X]\napi_key = \"API-0123-4567-89AB-CDEF\"", ":2:", "`api_key_file`"),
        ] {
            let fault = parse(text).unwrap_err();
            assert!(fault.contains(line) && fault.contains(near), "{text}: {fault}");
            assert!(!fault.contains("0123"), "{fault}");
        }
    }
}
