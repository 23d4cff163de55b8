//! Runs programs, ours above all, and watches what they print: events are awaited, nothing sleeps.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::timeout;

use super::LIMIT;

/// A program about to be run, in an empty directory of its own unless told otherwise.
pub struct Program {
    command: Command,
    limit: Duration,
    directory: TempDir,
}

/// Whether a program of this name is installed, or this path is one.
pub fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// A program that is running. It is killed when this value goes.
pub struct Running {
    child: Child,
    output: watch::Receiver<Output>,
    limit: Duration,
    directory: TempDir,
}

/// What a program printed, and how it ended.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// Standard output so far.
    pub stdout: String,
    /// Standard error so far.
    pub stderr: String,
    /// The exit code; none while it runs, and none when a signal ended it.
    pub code: Option<i32>,
    closed: u8,
}

/// A signal to send.
#[derive(Debug, Clone, Copy)]
pub enum Signal {
    /// Stop gracefully (systemd's stop).
    Term,
    /// Ctrl-C.
    Int,
    /// Stop at once: the power cut of the tests.
    Kill,
    /// Stand still: a machine that is suspended or has no time.
    Stop,
    /// Go on after [`Signal::Stop`].
    Cont,
}

impl Program {
    /// The program under test, without the environment variables that configure it outside.
    pub fn nashra<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Self {
        let mut program = Self::new(env!("CARGO_BIN_EXE_nashra"), arguments);
        for (name, _) in
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("NASHRA_"))
        {
            program.command.env_remove(name);
        }
        program
    }

    /// Another program.
    pub fn new<S: AsRef<OsStr>>(
        path: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        let mut command = Command::new(path);
        command.args(arguments);
        Self::of(command)
    }

    fn of(mut command: Command) -> Self {
        let directory = TempDir::new().unwrap();
        command
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self {
            command,
            limit: LIMIT,
            directory,
        }
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it in this directory.
    pub fn dir(mut self, directory: &Path) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// Lets it make no file larger than this: beyond it its writes fail, as on a full disk, and need no privileges to do so.
    pub fn largest_file(self, kib: u64) -> Self {
        let mut limited = Command::new("bash");
        // An ignored signal stays ignored over exec; otherwise it would end the program at the first such write.
        limited.args([
            "-c",
            "trap '' XFSZ; ulimit -S -f \"$0\"; exec \"$@\"",
            &kib.to_string(),
        ]);
        limited
            .arg(self.command.get_program())
            .args(self.command.get_args());
        self.within(limited)
    }

    /// Runs it on a terminal of its own, whose screen is the output.
    pub fn on_a_terminal(self) -> Self {
        let words = std::iter::once(self.command.get_program()).chain(self.command.get_args());
        let quoted = |word: &OsStr| format!("'{}'", word.to_string_lossy().replace('\'', r"'\''"));
        let line: Vec<String> = words.map(quoted).collect();
        let mut terminal = Command::new("script");
        terminal.args(["-qec", &line.join(" "), "/dev/null"]);
        self.within(terminal)
    }

    /// Another program that runs this one, with its environment and limit.
    fn within(self, mut command: Command) -> Self {
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Self::of(command).limit(self.limit)
    }

    /// The longest that any one wait for it may take.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs it to its end.
    pub async fn run(self) -> Output {
        self.spawn().finished().await
    }

    /// Starts it.
    pub fn spawn(mut self) -> Running {
        let mut child = self
            .command
            .spawn()
            .unwrap_or_else(|error| panic!("{:?}: {error}", self.command));
        let (sender, output) = watch::channel(Output::default());
        read(child.stdout.take().unwrap(), sender.clone(), |output| {
            &mut output.stdout
        });
        read(child.stderr.take().unwrap(), sender, |output| {
            &mut output.stderr
        });
        Running {
            child,
            output,
            limit: self.limit,
            directory: self.directory,
        }
    }
}

/// Adds each line to the output as it comes.
fn read(
    pipe: impl Read + Send + 'static,
    sender: watch::Sender<Output>,
    part: fn(&mut Output) -> &mut String,
) {
    std::thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        while pipe
            .read_until(b'\n', &mut line)
            .is_ok_and(|length| length > 0)
        {
            sender.send_modify(|output| part(output).push_str(&String::from_utf8_lossy(&line)));
            line.clear();
        }
        sender.send_modify(|output| output.closed += 1);
    });
}

impl Running {
    /// The directory it was started in, unless told otherwise.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// What it printed so far.
    pub fn output(&self) -> Output {
        self.output.borrow().clone()
    }

    /// The first line of either stream that contains `text`; fails when the program ends, or the limit passes, without it.
    pub async fn line(&mut self, text: &str) -> String {
        match self.find(text).await {
            Some(line) => line,
            None => panic!("no line with `{text}` in {:#?}", self.output()),
        }
    }

    /// As [`Running::line`], but nothing when the program ends or the limit passes without it.
    pub async fn find(&mut self, text: &str) -> Option<String> {
        let found = |output: &Output| {
            let mut lines = output.stdout.lines().chain(output.stderr.lines());
            lines.find(|line| line.contains(text)).map(str::to_owned)
        };
        let seen = self
            .output
            .wait_for(|output| found(output).is_some() || output.closed == 2);
        timeout(self.limit, seen)
            .await
            .ok()?
            .ok()
            .and_then(|output| found(&output))
    }

    /// Sends a signal.
    pub fn signal(&mut self, signal: Signal) {
        // `kill` by the pid of our own child, which is ours until it is waited for; the library knows only SIGKILL.
        let name = format!("-{signal:?}").to_uppercase();
        let sent = Command::new("kill")
            .args([&name, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success(), "kill {name} failed");
    }

    /// Lets it make files of any size after [`Program::largest_file`].
    pub fn make_room(&self) {
        let pid = self.child.id().to_string();
        let mut command = Command::new("prlimit");
        let made = command.args(["--pid", &pid, "--fsize=unlimited:"]).status();
        assert!(made.unwrap().success(), "prlimit failed");
    }

    /// Waits for its end.
    pub async fn finished(mut self) -> Output {
        let closed = self.output.wait_for(|output| output.closed == 2);
        let ended = timeout(self.limit, closed).await.is_ok();
        assert!(
            ended,
            "still running after {:?}: {:#?}",
            self.limit,
            self.output()
        );
        let mut output = self.output();
        output.code = self.child.wait().unwrap().code();
        output
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

mod tests {
    use std::time::Duration;

    use super::{Program, Signal};

    #[tokio::test]
    async fn a_program_is_run_to_its_end() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("seen"), "").unwrap();
        let program = Program::new("sh", ["-c", "ls; echo $WHAT >&2; exit 10"])
            .env("WHAT", "err")
            .dir(directory.path());
        let output = program.run().await;
        assert_eq!(
            (output.stdout.as_str(), output.stderr.as_str(), output.code),
            ("seen\n", "err\n", Some(10))
        );
    }

    #[tokio::test]
    #[should_panic(expected = "still running")]
    async fn a_program_that_hangs_fails_its_test() {
        Program::new("sleep", ["600"])
            .limit(Duration::from_millis(50))
            .run()
            .await;
    }

    #[tokio::test]
    async fn a_line_is_awaited_and_a_signal_sent() {
        for (signal, code) in [
            (Signal::Term, Some(7)),
            (Signal::Int, Some(8)),
            (Signal::Kill, None),
        ] {
            let script = "trap 'exit 7' TERM; trap 'exit 8' INT; echo ready on 1025; while read -r line; do :; done < fifo";
            let program = Program::new("sh", ["-c", &format!("mkfifo fifo; {script}")]);
            let mut running = program.spawn();
            assert_eq!(running.line("ready on").await, "ready on 1025");
            running.signal(signal);
            assert_eq!(running.finished().await.code, code, "{signal:?}");
        }
    }

    #[tokio::test]
    async fn the_program_under_test_starts() {
        assert!(Program::nashra(["--version"]).run().await.code.is_some());
    }
}
