//! Child processes and what they cost: wall time, CPU time, peak memory. Everything is on 127.0.0.1 and ended by its own id.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Result;

/// What a run of a child cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// From start to end.
    pub wall: Duration,
    /// User and system.
    pub cpu: Duration,
    /// The most memory that was resident, in octets.
    pub peak: u64,
}

/// Runs a command to its end; its exit code must be one of these.
pub fn run(command: &mut Command, codes: &[i32]) -> Result<Cost> {
    let before = children_cpu()?;
    let began = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    let mut peak = 0;
    let status = loop {
        peak = peak.max(resident_peak(child.id()));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let wall = began.elapsed();
    let cpu = children_cpu()?.saturating_sub(before);
    if status.code().is_some_and(|code| codes.contains(&code)) {
        Ok(Cost { wall, cpu, peak })
    } else {
        Err(format!("{command:?}: {status}").into())
    }
}

/// The CPU time of children that have been waited for, from /proc (proc(5): cutime and cstime, in ticks of 10 ms).
fn children_cpu() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: u64 = fields
        .split_whitespace()
        .skip(13)
        .take(2)
        .map(|field| field.parse::<u64>().unwrap_or(0))
        .sum();
    Ok(Duration::from_millis(ticks * 10))
}

fn resident_peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .unwrap_or(0)
        * 1024
}

/// Our fast sink in a process of its own.
pub struct Sink {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    /// Where it listens.
    pub port: u16,
}

impl Sink {
    /// Starts it.
    pub fn start(latency_ms: u64, pipelining: bool) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["sink", &latency_ms.to_string(), &pipelining.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take().ok_or("no standard input")?;
        let mut stdout = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        Ok(Self {
            child,
            stdin,
            stdout,
            port: line.trim().parse()?,
        })
    }

    /// How many messages it took since it was asked last.
    pub fn taken(&mut self) -> Result<u64> {
        self.stdin.write_all(b"\n")?;
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        Ok(line.trim().parse()?)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Postfix's sink, when it is installed.
pub struct SmtpSink {
    child: Child,
    /// Where it listens.
    pub port: u16,
}

impl SmtpSink {
    /// Starts it; with `-p` it does not offer PIPELINING.
    pub fn start(pipelining: bool) -> Result<Option<Self>> {
        let Some(path) = installed("smtp-sink") else {
            return Ok(None);
        };
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let mut command = Command::new(path);
        // It refuses to stay root.
        if std::env::var("USER").as_deref() == Ok("root")
            || std::fs::metadata("/proc/self").is_ok_and(|of| owner(&of) == 0)
        {
            command.args(["-u", "nobody"]);
        }
        if !pipelining {
            command.arg("-p");
        }
        let child = command
            .args([&format!("127.0.0.1:{port}"), "200"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let end = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > end {
                return Err("smtp-sink does not listen".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Some(Self { child, port }))
    }
}

fn owner(of: &std::fs::Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::uid(of)
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The rival: `smtp-source -d` sends so many messages of this size; `None` when it is not installed.
pub fn smtp_source(
    port: u16,
    sessions: usize,
    messages: usize,
    octets: usize,
) -> Result<Option<Cost>> {
    let Some(path) = installed("smtp-source") else {
        return Ok(None);
    };
    let mut command = Command::new(path);
    command.args([
        "-d",
        "-s",
        &sessions.to_string(),
        "-m",
        &messages.to_string(),
        "-l",
        &octets.to_string(),
    ]);
    run(command.arg(format!("127.0.0.1:{port}")), &[0]).map(Some)
}

fn installed(program: &str) -> Option<String> {
    let places = [
        "/usr/sbin/",
        "/usr/bin/",
        "/usr/local/sbin/",
        "/usr/local/bin/",
    ];
    places
        .iter()
        .map(|place| format!("{place}{program}"))
        .find(|path| std::path::Path::new(path).exists())
}
