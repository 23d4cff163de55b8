//! A PostgreSQL server of one test's own, which may crash.

use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A running server. It is stopped and removed when this value goes.
pub struct Cluster {
    programs: PathBuf,
    directory: TempDir,
    /// It refuses to run as root.
    as_postgres: bool,
    port: u16,
}

impl Cluster {
    /// Starts one, when PostgreSQL is installed.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            super::skip("a PostgreSQL that crashes", "no server programs found");
            return None;
        };
        let directory = TempDir::new().unwrap();
        let as_postgres = std::fs::metadata(directory.path()).unwrap().uid() == 0;
        let mut cluster = Self {
            programs,
            directory,
            as_postgres,
            port: 0,
        };
        if as_postgres {
            let owned = Command::new("chown")
                .arg("postgres:")
                .arg(cluster.directory.path())
                .status();
            assert!(owned.unwrap().success());
        }
        let options = [
            "-N",
            "-A",
            "trust",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--no-locale",
        ];
        assert!(cluster.run("initdb", &options));
        // A port that was free a moment ago may be taken: then we try another.
        for _ in 0..5 {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            cluster.port = listener.local_addr().unwrap().port();
            drop(listener);
            let settings = format!(
                "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off",
                cluster.port
            );
            if cluster.run("pg_ctl", &["-w", "-l", "log", "-o", &settings, "start"]) {
                return Some(cluster);
            }
        }
        panic!("PostgreSQL does not start");
    }

    /// Its database, for `database.url`.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Kills it as a crash would, and starts it again.
    pub fn crash(&self) {
        assert!(self.run("pg_ctl", &["-w", "-m", "immediate", "-l", "log", "restart"]));
    }

    fn run(&self, program: &str, arguments: &[&str]) -> bool {
        let path = self.programs.join(program);
        let mut command = if self.as_postgres {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command
            .args(["-D", "data"])
            .args(arguments)
            .current_dir(self.directory.path());
        // The server inherits them, and would keep the pipes of the tests open.
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().unwrap().success()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.run("pg_ctl", &["-w", "-m", "immediate", "stop"]);
    }
}

/// Where initdb and pg_ctl are: in the path, or where Debian keeps them.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let debian = debian.flatten().map(|version| version.path().join("bin"));
    std::env::split_paths(&path)
        .chain(debian)
        .find(|directory| directory.join("initdb").exists())
}
